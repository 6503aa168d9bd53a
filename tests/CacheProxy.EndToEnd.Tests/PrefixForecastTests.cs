using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>A conversation with the bundled model: what the proxy expected of the backend's prefix cache against what that had, as the dashboard tells it.</summary>
public sealed class PrefixForecastTests(Programs programs, ITestOutputHelper output)
{
    // Of the backend's KV pool: what is cached is shared by the token, and the proxy has to know it to the block.
    private const int BlockTokens = 16;

    private static readonly string[] Questions = ["What is a harbour for? Answer in one sentence.", "And who looks after it?", "What did that cost a hundred years ago?", "Say it in other words."];

    [Fact]
    public async Task Conversation_OfFourTurns_FindsWhatWasPredicted_ToTheBlock()
    {
        using var http = new HttpClient { BaseAddress = await programs.AddressOfAsync(Server.Proxy), Timeout = TimeSpan.FromMinutes(2) };
        DateTimeOffset began = DateTimeOffset.UtcNow;
        var turns = new JsonArray(Turn("system", string.Concat(Enumerable.Repeat("You explain towns to children, in short sentences and without numbers. ", 12))));
        var delivered = new List<long>();
        foreach (string question in Questions)
        {
            turns.Add(Turn("user", question));
            (string id, JsonNode answer) = await AskAsync(http, turns);
            turns.Add(Turn("assistant", (string)answer["choices"]![0]!["message"]!["content"]!));
            long cached = (long)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
            // In the ledger only when what the answer teaches is learned: the next turn cannot come too early.
            JsonNode figures = await FiguresAsync(http, began, id);
            delivered.Add(cached);
            if (delivered.Count == 1)
            {
                // The program has just begun: what the backend may have of such a prompt is not known.
                continue;
            }

            output.WriteLine($"predicted {figures["predicted_cached_tokens"]}, delivered {figures["delivered_cached_tokens"]} of {figures["tokens"]!["prompt"]} prompt tokens");
            Assert.Equal(cached, (long)figures["delivered_cached_tokens"]!);
            Assert.InRange((long)figures["predicted_cached_tokens"]!, cached - BlockTokens, cached + BlockTokens);
        }

        Assert.True(delivered[^1] > delivered[1] && delivered[1] > 100);
    }

    private static JsonObject Turn(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static async Task<(string PrefixId, JsonNode Answer)> AskAsync(HttpClient http, JsonArray turns)
    {
        var body = new JsonObject { ["model"] = "smollm2-135m-instruct", ["max_tokens"] = 40, ["temperature"] = 0, ["messages"] = turns.DeepClone() };
        using HttpResponseMessage response = await http.PostAsJsonAsync("/v1/chat/completions", body, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
        return (response.Headers.GetValues("X-CacheProxy-Prefix").Single(), answer);
    }

    /// <summary>Of one prefix; the ledger writes behind the answers.</summary>
    private static async Task<JsonNode> FiguresAsync(HttpClient http, DateTimeOffset from, string prefix)
    {
        for (int i = 0; i < 300; i++)
        {
            JsonNode answer = (await http.GetFromJsonAsync<JsonNode>($"/dashboard/api/groups?by=prefix&limit=100&from={from:yyyy-MM-ddTHH:mm:ssZ}", TestContext.Current.CancellationToken))!;
            if (answer["groups"]!.AsArray().FirstOrDefault(group => (string?)group!["key"] == prefix) is { } found)
            {
                return found["figures"]!;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"The prefix {prefix} is not in the ledger.");
    }
}
