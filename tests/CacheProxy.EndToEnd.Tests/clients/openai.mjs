// What the groups that use the openai client share.
import OpenAI from 'openai';

export const model = 'smollm2-135m-instruct';
export const toolModel = 'tiny-tools';
export const connect = (baseURL, defaultHeaders = {}) => new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: 'sk-end-to-end', maxRetries: 0, timeout: 120_000, defaultHeaders });

// The fields that an application can rely on, whichever server answers.
export const outcome = async (call) => {
  try {
    return { answered: await call() };
  } catch (error) {
    return {
      type: error.constructor.name, status: error.status, code: error.code, param: error.param, message: error.message,
      kind: error.type, cacheStatus: error.headers?.get('cache-status') ?? null,
    };
  }
};

export const animal = {
  type: 'object', additionalProperties: false, required: ['name', 'legs'],
  properties: { name: { type: 'string', maxLength: 20 }, legs: { type: 'integer', minimum: 0, maximum: 8 } },
};

// Of a model with a tools template (ToolModel.cs), which has to call.
export const parameters = { type: 'object', additionalProperties: false, required: ['city'], properties: { city: { type: 'string', maxLength: 12 } } };
