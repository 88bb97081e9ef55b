// The step contributors-card. Its code is in index.js.
import './index.js'
