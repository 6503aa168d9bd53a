// The second identical request comes from the exact cache: same bytes, at once.
//   k6 run --no-usage-report k6/exact.js            against http://127.0.0.1:8080
//   BASE_URL=http://host:port k6 run ... exact.js   against another address
import http from 'k6/http';
import { check, fail, sleep } from 'k6';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const hit = /^CacheProxy; hit; detail=exact(; ttl=\d+)?$/;

export const options = {
  scenarios: {
    hits: { executor: 'constant-vus', vus: 4, duration: __ENV.DURATION || '5s', gracefulStop: '5s' },
  },
  thresholds: {
    checks: ['rate==1'],
    // Four clients on two cores that k6 itself keeps busy; the README has the figures of a lighter generator.
    'http_req_duration{kind:hit}': ['p(95)<25'],
    'http_reqs{kind:hit}': ['rate>100'],
  },
};

function post(body, kind) {
  return http.post(`${base}/v1/chat/completions`, body, { headers: { 'Content-Type': 'application/json' }, tags: { kind } });
}

export function setup() {
  const model = http.get(`${base}/v1/models`).json('data.0.id');
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: `What is the capital of France? Run ${Date.now()}.` }],
    max_tokens: 16,
    temperature: 0,
  });
  const first = post(body, 'miss');
  if (first.status !== 200 || hit.test(first.headers['Cache-Status'])) {
    fail(`the first request must be a miss: ${first.status} ${first.headers['Cache-Status']} ${first.body}`);
  }

  // The entry is stored after its client was served, so the very next request may still come too early.
  for (let tries = 0; tries < 50; tries++) {
    if (hit.test(post(body, 'wait').headers['Cache-Status'])) {
      return { body, answer: first.body };
    }
    sleep(0.1);
  }
  return fail('the second identical request is still no exact hit after 5 s');
}

export default function (data) {
  const answer = post(data.body, 'hit');
  check(answer, {
    'hit: 200': (r) => r.status === 200,
    'hit: Cache-Status says exact': (r) => hit.test(r.headers['Cache-Status']),
    'hit: the same bytes': (r) => r.body === data.answer,
    'hit: Age': (r) => /^\d+$/.test(r.headers['Age']),
  });
}
