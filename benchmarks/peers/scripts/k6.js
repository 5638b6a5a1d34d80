// One URL: closed loop with one user a connection, or open loop when RATE is not 0.
import http from 'k6/http';

const connections = Number(__ENV.CONNECTIONS);
const rate = Number(__ENV.RATE);
const duration = `${__ENV.SECONDS}s`;

const closedLoop = { executor: 'constant-vus', vus: connections, duration };
const openLoop = {
  executor: 'constant-arrival-rate',
  rate,
  timeUnit: '1s',
  duration,
  preAllocatedVUs: connections,
};

export const options = {
  discardResponseBodies: true,
  scenarios: { load: rate > 0 ? openLoop : closedLoop },
};

export default function () {
  http.get(__ENV.TARGET);
}
