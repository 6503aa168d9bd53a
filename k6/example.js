// Example traffic: something true to see in every panel of the dashboard and every part of the report. A few tokens an answer; about a
// minute on two cores with the bundled model.
//   dotnet run --project src/CacheProxy -- --config k6/example.json     the proxy with routes, names and budgets of the example
//   k6 run --no-usage-report k6/example.js                              against http://127.0.0.1:8080
//   BASE_URL=http://host:port REQUESTS=100 k6 run ... example.js        elsewhere, or less of it; MODEL=name asks that model
// A proxy with other settings has none of those routes: ROUTES=0 leaves them out.
import http from 'k6/http';
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { agents, dialogue, nearMisses, questions, unique } from './example-texts.js';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const requests = Number(__ENV.REQUESTS || 1000);
const hasRoutes = __ENV.ROUTES !== '0';
const tokens = 12;

export const options = {
  scenarios: { clients: { executor: 'shared-iterations', vus: 4, iterations: requests, maxDuration: '3m' } },
  thresholds: { checks: ['rate==1'] },
};

// The same choices in every run: a small generator (mulberry32), seeded by the number of the iteration.
function random(seed) {
  let state = (seed + 1) * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Low numbers most often, as popular questions are.
const popular = (rnd, list) => list[Math.floor(list.length * rnd() ** 2)];
const any = (rnd, list) => list[Math.floor(list.length * rnd())];

// Three applications with a key each; the first has two users.
function client(rnd) {
  const at = rnd();
  return at < 0.5 ? { key: 'sk-example-support', user: rnd() < 0.5 ? 'ada' : 'grace' }
    : at < 0.8 ? { key: 'sk-example-search' } : { key: 'sk-example-batch' };
}

function headersOf(who, more) {
  return { 'Content-Type': 'application/json', Authorization: `Bearer ${who.key}`, ...more };
}

function chat(who, model, messages, more) {
  return JSON.stringify({ model, messages, max_tokens: tokens, temperature: 0, ...(who.user ? { user: who.user } : {}), ...more });
}

const asUser = (content) => [{ role: 'user', content }];

function send(path, body, who, kind, more) {
  return http.post(`${base}${path}`, body, { headers: headersOf(who, more), tags: { kind } });
}

const ask = (who, data, messages, kind, more, headers) => send('/v1/chat/completions', chat(who, data.model, messages, more), who, kind, headers);

// What an iteration does, with its share of all.
const kinds = [
  [0.40, function popularQuestion(rnd, data) {
    const model = hasRoutes && rnd() < 0.2 ? 'example-assistant' : data.model;
    return ask(client(rnd), { model }, asUser(popular(rnd, questions)[0]), 'popular');
  }],
  [0.14, function otherWords(rnd, data) {
    return ask(client(rnd), data, asUser(any(rnd, popular(rnd, questions).slice(1))), 'otherWords');
  }],
  [0.08, function nearMiss(rnd, data) {
    return ask(client(rnd), data, asUser(any(rnd, any(rnd, nearMisses))), 'nearMiss');
  }],
  [0.06, function streamed(rnd, data) {
    return ask(client(rnd), data, asUser(popular(rnd, questions)[0]), 'streamed', { stream: true, stream_options: { include_usage: true } });
  }],
  [0.05, function longInstructions(rnd, data) {
    return ask(client(rnd), data, [{ role: 'system', content: agents.stable }, ...asUser(any(rnd, unique)(rnd))], 'longInstructions');
  }],
  [0.06, function volatilePrefix(rnd, data) {
    return ask(client(rnd), data, [{ role: 'system', content: any(rnd, agents.volatile)(rnd) }, ...asUser(any(rnd, unique)(rnd))], 'volatilePrefix');
  }],
  [0.03, function conversation(rnd, data) {
    const who = client(rnd);
    const turns = dialogue(rnd);
    let answer = ask(who, data, turns, 'conversation');
    for (const next of [any(rnd, unique)(rnd), 'And what else?']) {
      if (answer.status !== 200) break;
      turns.push({ role: 'assistant', content: answer.json('choices.0.message.content') }, { role: 'user', content: next });
      answer = ask(who, data, turns, 'conversation');
    }
    return answer;
  }],
  [0.03, function atOnce(rnd, data) {
    const who = client(rnd);
    const body = chat(who, data.model, asUser(any(rnd, unique)(rnd)));
    const one = ['POST', `${base}/v1/chat/completions`, body, { headers: headersOf(who), tags: { kind: 'atOnce' } }];
    return http.batch([one, one, one, one])[0];
  }],
  [0.04, function bypassed(rnd, data) {
    return rnd() < 0.5
      ? ask(client(rnd), data, asUser(popular(rnd, questions)[0]), 'bypassed', {}, { 'Cache-Control': 'no-store, no-cache' })
      : ask(client(rnd), data, asUser('Invent a name for a small boat.'), 'bypassed', { temperature: 1.4 });
  }],
  [0.03, function messages(rnd, data) {
    const who = client(rnd);
    const body = { model: data.model, max_tokens: tokens, temperature: 0, messages: asUser(popular(rnd, questions)[0]) };
    return send('/v1/messages', JSON.stringify(body), who, 'messages', { 'anthropic-version': '2023-06-01' });
  }],
  [0.02, function responses(rnd, data) {
    const who = client(rnd);
    return send('/v1/responses', JSON.stringify({ model: data.model, max_output_tokens: 16, temperature: 0, store: false, input: popular(rnd, questions)[0] }), who, 'responses');
  }],
  [0.03, function shortLived(rnd, data) {
    return ask(client(rnd), { model: hasRoutes ? 'example-shortlived' : data.model }, asUser(questions[Math.floor(3 * rnd())][0]), 'shortLived');
  }],
  [0.02, function malformed(rnd) {
    return send('/v1/chat/completions', '{"model":', client(rnd), 'malformed');
  }],
  [0.01, function upstreamGone(rnd, data) {
    return ask(client(rnd), { model: 'example-gone' }, asUser(popular(rnd, questions)[0]), 'upstreamGone');
  }],
];

const possible = hasRoutes ? kinds : kinds.filter(([, act]) => act.name !== 'upstreamGone');

// What the clients do wrong, or ask of an upstream that is not there.
const refusals = { malformed: [400], upstreamGone: [502, 503] };

export function setup() {
  const listed = http.get(`${base}/v1/models`).json('data').map((model) => model.id);
  return { model: __ENV.MODEL || listed.find((id) => !/^example-|embed|minilm/.test(id)) };
}

export default function (data) {
  const rnd = random(exec.scenario.iterationInTest);
  let at = rnd();
  const [, act] = possible.find(([share]) => (at -= share) < 0) || possible[0];
  const answer = act(rnd, data);
  // One of the clients uses its budget up; what is a hit it gets all the same.
  const expected = [...(refusals[act.name] || [200]), ...(hasRoutes ? [429] : [])];
  check(answer, { 'status as expected': (r) => expected.includes(r.status) }, { kind: act.name });
  sleep(0.05 * rnd());
}
