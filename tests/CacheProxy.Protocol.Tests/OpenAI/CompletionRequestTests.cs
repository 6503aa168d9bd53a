using System.Text;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Tests.OpenAI;

public sealed class CompletionRequestTests
{
    [Theory]
    [InlineData("{\"model\":\"m\"}", "prompt", "missing_required_parameter")]
    [InlineData("{\"model\":\"m\",\"prompt\":{}}", "prompt", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"prompt\":[]}", "prompt", "empty_array")]
    [InlineData("{\"model\":\"m\",\"prompt\":[[]]}", "prompt[0]", "empty_array")]
    [InlineData("{\"model\":\"m\",\"prompt\":[1,-2]}", "prompt[1]", "integer_below_min_value")]
    [InlineData("{\"model\":\"m\",\"prompt\":[1,\"a\"]}", "prompt[1]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"prompt\":[\"a\",1]}", "prompt[1]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"prompt\":[[1],[2,3.5]]}", "prompt[1][1]", "invalid_type")]
    [InlineData("{\"model\":\"m\",\"prompt\":\"\",\"max_tokens\":-1}", "max_tokens", "integer_below_min_value")]
    [InlineData("{\"model\":\"m\",\"prompt\":\"\",\"logprobs\":6}", "logprobs", "integer_above_max_value")]
    [InlineData("{\"model\":\"m\",\"prompt\":\"\",\"n\":3,\"best_of\":2}", "best_of", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"prompt\":\"\",\"suffix\":4}", "suffix", "invalid_type")]
    public void TryParse_BadField_NamesIt(string body, string param, string code)
    {
        Assert.False(CompletionRequest.TryParse(Encoding.UTF8.GetBytes(body), out _, out RequestError? error));
        Assert.Equal((param, code, 400), (error.Param, error.Code, error.Status));
    }

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("[\"a\",\"b\"]", "a", "b")]
    [InlineData("[1,2]", "1 2")]
    [InlineData("[[1,2],[3]]", "1 2", "3")]
    public void TryParse_EveryKindOfPrompt_IsRead(string prompt, params string[] expected)
    {
        Assert.True(CompletionRequest.TryParse(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"prompt\":{prompt}}}"), out CompletionRequest? request, out _));
        Assert.Equal(expected, request.Prompts.Select(input => input.Text ?? string.Join(' ', input.Tokens!)));
        Assert.Equal((16, 1, null, false), (request.MaxTokens, request.BestOf, request.TopLogProbs, request.Echo));
    }

    [Theory]
    [InlineData("{\"model\":\"m\",\"input\":\"\"}", "input", "empty_string")]
    [InlineData("{\"model\":\"m\",\"input\":[\"a\",\"\"]}", "input[1]", "empty_string")]
    [InlineData("{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"hex\"}", "encoding_format", "invalid_value")]
    [InlineData("{\"model\":\"m\",\"input\":[\"a\"],\"dimensions\":0}", "dimensions", "integer_below_min_value")]
    public void TryParse_BadEmbeddingField_NamesIt(string body, string param, string code)
    {
        Assert.False(EmbeddingRequest.TryParse(Encoding.UTF8.GetBytes(body), out _, out RequestError? error));
        Assert.Equal((param, code, 400), (error.Param, error.Code, error.Status));
    }

    [Fact]
    public void TryParse_MoreInputsThanAllowed_IsRefused()
    {
        string inputs = string.Join(',', Enumerable.Repeat("\"a\"", 2049));
        Assert.False(EmbeddingRequest.TryParse(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"input\":[{inputs}]}}"), out _, out RequestError? error));
        Assert.Equal("array_above_max_length", error.Code);
    }
}
