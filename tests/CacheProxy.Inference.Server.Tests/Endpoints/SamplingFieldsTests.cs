using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>What a client can ask of the choice of tokens, seen from outside.</summary>
public sealed class SamplingFieldsTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Chat_LogitBias_MakesTokensLikelierAndImpossible()
    {
        _server.Model.Answer = "aaaa";

        Assert.Equal("zzz", await AnswerAsync("\"logit_bias\":{\"122\":100},\"max_tokens\":3"));
        Assert.NotEqual('a', (await AnswerAsync("\"logit_bias\":{\"97\":-100},\"max_tokens\":1,\"temperature\":0"))[0]);
    }

    [Fact]
    public async Task Chat_IgnoreEos_GoesOnToMaxTokens()
    {
        _server.Model.Answer = "ab";

        JsonNode answer = await AskAsync("\"ignore_eos\":true,\"max_tokens\":6");

        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(6, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal("ab", (string?)answer["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Chat_MinTokens_EndsNeitherByEndTokenNorByStopText()
    {
        _server.Model.Answer = "a.b.c.d";

        Assert.Equal("a.b.c", await AnswerAsync("\"stop\":\".\",\"min_tokens\":4"));
        Assert.Equal("a", await AnswerAsync("\"stop\":\".\",\"min_tokens\":1"));
        JsonNode longer = await AskAsync("\"min_tokens\":12,\"max_tokens\":20");
        Assert.InRange((int)longer["usage"]!["completion_tokens"]!, 13, 20);
    }

    [Fact]
    public async Task Chat_RepetitionPenalty_CountsThePromptToo()
    {
        // All bytes of the prompt lose against those that were never seen, however likely.
        _server.Model.Answer = "u";

        Assert.NotEqual("u", await AnswerAsync("\"repetition_penalty\":100,\"temperature\":0,\"max_tokens\":1,\"logit_bias\":{\"122\":22}"));
        Assert.Equal("u", await AnswerAsync("\"temperature\":0,\"max_tokens\":1,\"logit_bias\":{\"122\":22}"));
    }

    [Fact]
    public async Task Chat_SeveralChoices_ComputeThePromptOnce()
    {
        string prompt = new('p', 100);

        JsonNode answer = await _server.AskAsync(
            "/v1/chat/completions", $$"""{"model":"scripted","n":4,"max_tokens":3,"messages":[{"role":"user","content":"{{prompt}}"}]}""");

        int promptTokens = (int)answer["usage"]!["prompt_tokens"]!;
        Assert.Equal(4, answer["choices"]!.AsArray().Count);
        Assert.Equal(12, (int)answer["usage"]!["completion_tokens"]!);

        // Each further choice computes the prompt's last token and what lies behind the last full block.
        Assert.InRange(_server.Model.Engine!.Stats.Counts.HitTokens, 3 * (promptTokens - 1 - _server.Model.Runner.BlockSize), 3 * (promptTokens - 1));
    }

    private async Task<string> AnswerAsync(string fields) => (string)(await AskAsync(fields))["choices"]![0]!["message"]!["content"]!;

    private Task<JsonNode> AskAsync(string fields)
        => _server.AskAsync("/v1/chat/completions", $$"""{"model":"scripted","messages":[{"role":"user","content":"tell"}],{{fields}}}""");
}
