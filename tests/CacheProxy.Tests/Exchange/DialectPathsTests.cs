using CacheProxy.Exchange;

namespace CacheProxy.Tests.Exchange;

public class DialectPathsTests
{
    [Theory]
    [InlineData("/v1/chat/completions", Dialect.OpenAIChat)]
    [InlineData("/V1/Chat/Completions", Dialect.OpenAIChat)]
    [InlineData("/v1/completions", Dialect.OpenAICompletions)]
    [InlineData("/v1/embeddings", Dialect.OpenAIEmbeddings)]
    [InlineData("/v1/responses", Dialect.OpenAIResponses)]
    [InlineData("/v1/messages", Dialect.AnthropicMessages)]
    public void Path_OfADialect_IsFound(string path, Dialect expected)
    {
        Assert.True(DialectPaths.TryFind(path, out Dialect dialect));
        Assert.Equal(expected, dialect);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1/messages/")]
    [InlineData("/v1/messages/count_tokens")]
    [InlineData("/v1/messages/batches")]
    [InlineData("/v1/responses/resp_1")]
    [InlineData("/v1/responsez")]
    [InlineData("/v1/chat/completionz")]
    [InlineData("/v2/messages")]
    public void Path_OfNone_IsNotFound(string path) => Assert.False(DialectPaths.TryFind(path, out _));

    [Theory]
    [InlineData("/v1/messages", true)]
    [InlineData("/v1/Messages/count_tokens", true)]
    [InlineData("/v1/messagesX", false)]
    [InlineData("/v1/chat/completions", false)]
    public void ErrorShape_IsThatOfThePath(string path, bool isAnthropic) => Assert.Equal(isAnthropic, DialectPaths.IsAnthropic(path));
}
