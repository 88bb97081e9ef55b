// The step repositories-report. Its code is in index.js.
import './index.js'
