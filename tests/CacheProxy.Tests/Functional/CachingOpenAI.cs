using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Answers as OpenAI does, with a prefix cache by its rule: what a prompt of 1,024 tokens and more has in common with an earlier one, in steps of 128.</summary>
internal sealed partial class CachingOpenAI(TimeProvider clock)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly List<(string[] Tokens, DateTimeOffset Used)> _prompts = [];

    /// <summary>The calls, in their order.</summary>
    public List<(int Prompt, int Cached)> Calls { get; } = [];

    public async Task AnswerAsync(HttpContext context, string body)
    {
        string[] tokens = TokensOf(body);
        int cached;
        lock (_prompts)
        {
            _prompts.RemoveAll(prompt => clock.GetUtcNow() - prompt.Used > Idle);
            int common = _prompts.Select(prompt => tokens.Zip(prompt.Tokens).TakeWhile(pair => pair.First == pair.Second).Count()).DefaultIfEmpty().Max();
            cached = common >= 1024 ? common / 128 * 128 : 0;
            _prompts.Add((tokens, clock.GetUtcNow()));
            Calls.Add((tokens.Length, cached));
        }

        context.Response.ContentType = "application/json";
        string usage = string.Create(CultureInfo.InvariantCulture, $$$"""{"prompt_tokens":{{{tokens.Length}}},"completion_tokens":6,"total_tokens":{{{tokens.Length + 6}}},"prompt_tokens_details":{"cached_tokens":{{{cached}}}}}""");
        await context.Response.WriteAsync(
            $$"""{"id":"c","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"That is all I know."},"finish_reason":"stop"}],"usage":{{usage}}}""",
            context.RequestAborted);
    }

    // Words, and each sign by itself; three around every turn, and the beginning of the answer.
    private static string[] TokensOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return
        [
            .. json.RootElement.GetProperty("messages").EnumerateArray().SelectMany(turn => (string[])
                ["<start>", turn.GetProperty("role").GetString()!, .. Words().Matches(turn.GetProperty("content").GetString()!).Select(match => match.Value), "<end>"]),
            "<start>", "assistant", "<answer>",
        ];
    }

    [GeneratedRegex(@"\w+|[^\w\s]")]
    private static partial Regex Words();
}
