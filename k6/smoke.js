// Does the started program answer as it should? A few requests of every kind, each checked.
//   k6 run --no-usage-report k6/smoke.js            against http://127.0.0.1:8080
//   BASE_URL=http://host:port k6 run ... smoke.js   against another address
import http from 'k6/http';
import { check, group } from 'k6';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const json = { headers: { 'Content-Type': 'application/json' } };

export const options = {
  vus: 2,
  iterations: 6,
  thresholds: {
    checks: ['rate==1'],
    'http_req_duration{kind:health}': ['p(95)<500'],
    'http_req_duration{kind:refused}': ['p(95)<500'],
  },
};

function model() {
  return http.get(`${base}/v1/models`).json('data.0.id');
}

export function setup() {
  return { model: model() };
}

function ask(data, extra) {
  const body = {
    model: data.model,
    messages: [{ role: 'user', content: `Name one colour. Request ${__VU}-${__ITER}-${Date.now()}.` }],
    max_tokens: 8,
    temperature: 0,
    ...extra,
  };
  return http.post(`${base}/v1/chat/completions`, JSON.stringify(body), json);
}

export default function (data) {
  group('health', () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = http.get(base + path, { tags: { kind: 'health' } });
      check(answer, { [`${path} is 200`]: (r) => r.status === 200 });
    }
  });

  group('plain', () => {
    const answer = ask(data, {});
    check(answer, {
      'plain: 200': (r) => r.status === 200,
      'plain: one choice with text': (r) => r.json('choices.#') === 1 && typeof r.json('choices.0.message.content') === 'string',
      'plain: finish reason': (r) => ['stop', 'length'].includes(r.json('choices.0.finish_reason')),
      'plain: cached tokens are counted': (r) => Number.isInteger(r.json('usage.prompt_tokens_details.cached_tokens')),
      'plain: Cache-Status is ours': (r) => (r.headers['Cache-Status'] || '').startsWith('CacheProxy;'),
    });
  });

  group('stream', () => {
    const answer = ask(data, { stream: true });
    check(answer, {
      'stream: 200': (r) => r.status === 200,
      'stream: event stream': (r) => (r.headers['Content-Type'] || '').startsWith('text/event-stream'),
      'stream: ends with [DONE]': (r) => r.body.trimEnd().endsWith('data: [DONE]'),
    });
  });

  group('refused', () => {
    const answer = http.post(`${base}/v1/chat/completions`, '{"model":', { ...json, tags: { kind: 'refused' } });
    check(answer, {
      'malformed: 400': (r) => r.status === 400,
      'malformed: an error object': (r) => typeof r.json('error.message') === 'string',
    });
  });
}
