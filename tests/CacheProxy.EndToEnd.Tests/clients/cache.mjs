// The same question again, in the other mode and in the other dialects: what only a cache in between answers.
import { connect, model, outcome } from './openai.mjs';
import * as anthropic from './anthropic.mjs';
import * as chat from './chat-calls.mjs';
import * as responses from './responses-calls.mjs';

const completions = {
  question: (prompt) => ({ model, prompt, temperature: 0, max_tokens: 12 }),
  ask: async (client, body) => {
    const { data, response } = await client.completions.create(body).withResponse();
    return { id: data.id, text: data.choices[0].text, reason: data.choices[0].finish_reason, usage: data.usage, cacheStatus: response.headers.get('cache-status') };
  },
  stream: async (client, body) => {
    const { data, response } = await client.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }).withResponse();
    const result = { id: null, text: '', reason: null, usage: null, cacheStatus: response.headers.get('cache-status') };
    for await (const chunk of data) {
      result.id = chunk.id;
      result.text += chunk.choices[0]?.text ?? '';
      result.reason = chunk.choices[0]?.finish_reason ?? result.reason;
      result.usage = chunk.usage ?? result.usage;
    }
    return result;
  },
};

export default (baseURL) => {
  // Questions of these scenarios are alike: only the same one may be a hit.
  const exactOnly = { 'x-cacheproxy-semantic': 'off' };
  const openai = connect(baseURL, exactOnly);
  const claude = anthropic.connect(baseURL, exactOnly);
  const dialects = {
    chat: [openai, chat, (text) => chat.question(text)],
    completions: [openai, completions, completions.question],
    responses: [openai, responses, (text) => responses.question(text)],
    messages: [claude, anthropic, (text) => anthropic.question(text)],
  };
  const scenarios = {};
  for (const [name, [client, { ask, stream }, question]] of Object.entries(dialects)) {
    scenarios[`${name}WholeFirst`] = async () => {
      const body = question(`Name a river in Europe, please (${name}).`);
      return { first: await ask(client, body), whole: await ask(client, body), streamed: await stream(client, body) };
    };
    scenarios[`${name}StreamFirst`] = async () => {
      const body = question(`List three kinds of bread (${name}).`);
      return { first: await stream(client, body), streamed: await stream(client, body), whole: await ask(client, body) };
    };
  }

  scenarios.embeddings = async () => {
    const call = async (input) => {
      const { data, response } = await openai.embeddings.create({ model: 'all-minilm-l6-v2', input }).withResponse();
      return { vectors: data.data.map((item) => item.embedding.slice(0, 4)), cacheStatus: response.headers.get('cache-status') };
    };
    return { first: await call(['one thing', 'another thing']), again: await call(['one thing', 'another thing']), partly: await call(['another thing', 'a third']) };
  };

  scenarios.refusedTwice = async () => {
    const refused = () => outcome(() => chat.ask(openai, chat.question('Hi', { max_completion_tokens: -1 })));
    return [await refused(), await refused()];
  };

  // Each dialect answers a question that another one has asked before it, in whichever version of Anthropic's API.
  const firstVersion = anthropic.connect(baseURL, { ...exactOnly, 'anthropic-version': '2023-06-01' });
  scenarios.acrossDialects = async () => {
    const text = 'Which ocean is the largest?';
    return {
      chat: await chat.ask(openai, chat.question(text)),
      responses: await responses.ask(openai, responses.question(text)),
      messages: await anthropic.ask(claude, anthropic.question(text)),
    };
  };
  scenarios.acrossDialectsStreamed = async () => {
    const text = 'Which mountain is the highest?';
    return {
      messages: await anthropic.stream(claude, anthropic.question(text)),
      chat: await chat.stream(openai, chat.question(text)),
      responses: await responses.stream(openai, responses.question(text)),
      otherVersion: await anthropic.ask(firstVersion, anthropic.question(text)),
    };
  };
  return scenarios;
};
