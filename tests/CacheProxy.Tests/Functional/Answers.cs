using System.Text;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>What a provider sends.</summary>
internal static class Answers
{
    // Spelled as a real provider does, not as our writer would: a replay of it is a replay of bytes.
    public static string Object(string text, string finish = "stop") => $$"""
        {
          "id": "chatcmpl-1",  "object": "chat.completion", "created": 1700000000, "model": "m-2024",
          "choices": [{"index": 0, "message": {"role": "assistant", "content": "{{text}}"}, "logprobs": null, "finish_reason": "{{finish}}"}],
          "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        }
        """;

    public static string Chunk(string text) => $$"""
        data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1700000001,"model":"m-2024","choices":[{"index":0,"delta":{"content":"{{text}}"},"finish_reason":null}]}


        """.ReplaceLineEndings("\n");

    public static string Finish(string reason = "stop") => $$"""
        data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1700000001,"model":"m-2024","choices":[{"index":0,"delta":{},"finish_reason":"{{reason}}"}]}


        """.ReplaceLineEndings("\n");

    public const string UsageChunk =
        "data: {\"id\":\"chatcmpl-2\",\"object\":\"chat.completion.chunk\",\"created\":1700000001,\"model\":\"m-2024\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\n";

    public const string Done = "data: [DONE]\n\n";

    public static async Task ObjectAsync(HttpContext context, string text, string finish = "stop")
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Object(text, finish), context.RequestAborted);
    }

    /// <summary>One chunk per word, with what the test wants to happen between them.</summary>
    public static async Task StreamAsync(HttpContext context, string[] words, Func<int, Task>? before = null, bool usage = false, bool done = true)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        for (int i = 0; i < words.Length; i++)
        {
            if (before is not null)
            {
                await before(i);
            }

            await WriteAsync(context, Chunk(words[i]));
        }

        await WriteAsync(context, Finish() + (usage ? UsageChunk : "") + (done ? Done : ""));
    }

    public static string Stream(params string[] words) => string.Concat(words.Select(Chunk)) + Finish() + Done;

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
