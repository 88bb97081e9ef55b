// The baseline of the benchmark: a minimal node:https program that sends the same four requests and checks nothing.

import { Agent, request } from 'node:https'

const { FLOOR_GITHUB: github, FLOOR_VAUNT: vaunt, FLOOR_PAT: pat } = process.env
const agent = new Agent({ keepAlive: true })

const get = url =>
  new Promise((resolve, reject) => {
    request(url, { agent, headers: { authorization: `Bearer ${pat}` } }, response => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', chunk => (body += chunk))
      response.on('end', () => resolve(JSON.parse(body)))
    })
      .on('error', reject)
      .end()
  })

await Promise.all([
  get(`${github}/user`),
  get(`${github}/users/Acme-Labs`),
  get(`${github}/user/memberships/orgs/Acme-Labs`)
])
const { data } = await get(`${vaunt}/v1/github/entities/Acme-Labs/token`)
if (typeof data.token !== 'string') throw new Error('no token')
agent.destroy()
