using CacheProxy.Exchange;
using CacheProxy.Forward;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Tests.Forward.Upstreams;

public class UpstreamProfileTests
{
    [Theory]
    [InlineData(UpstreamKind.Compatible, "Authorization", "chat completions embeddings responses messages", "/v1/models")]
    [InlineData(UpstreamKind.OpenAI, "Authorization", "chat completions embeddings responses", "/v1/models")]
    [InlineData(UpstreamKind.Azure, "api-key", "chat completions embeddings responses", "/openai/v1/models")]
    [InlineData(UpstreamKind.Anthropic, "x-api-key", "messages", "/v1/models")]
    [InlineData(UpstreamKind.Vllm, "Authorization", "chat completions embeddings responses messages", "/health")]
    [InlineData(UpstreamKind.Sglang, "Authorization", "chat completions embeddings responses messages", "/health")]
    [InlineData(UpstreamKind.LlamaCpp, "Authorization", "chat completions embeddings responses messages", "/health")]
    [InlineData(UpstreamKind.Ollama, "Authorization", "chat completions embeddings responses messages", "/api/version")]
    [InlineData(UpstreamKind.CacheProxy, "Authorization", "chat completions embeddings responses messages", "/readyz")]
    public void Kind_HasItsDefaults(UpstreamKind kind, string header, string dialects, string health)
    {
        UpstreamProfile profile = UpstreamProfile.Of(kind);

        Assert.Equal(kind, profile.Kind);
        Assert.Equal(header, profile.KeyHeader);
        Assert.Equal(dialects, string.Join(' ', profile.Dialects.Select(DialectNames.NameOf)));
        Assert.Equal(health, profile.HealthPath);
    }

    [Fact]
    public void Dialect_HasANameThatIsReadAgain()
        => Assert.All(Enum.GetValues<Dialect>(), dialect =>
        {
            Assert.True(DialectNames.TryRead(DialectNames.NameOf(dialect).ToUpperInvariant(), out Dialect[] read, out _));
            Assert.Equal([dialect], read);
        });

    [Fact]
    public void States_AndResults_HaveLabels()
    {
        string[] labels = [.. Enum.GetValues<UpstreamState>().Select(UpstreamMetrics.ToTag), .. Enum.GetValues<AttemptResult>().Select(UpstreamMetrics.ToTag)];

        Assert.Equal(labels.Length, labels.Distinct().Count());
        Assert.All(labels, label => Assert.Matches("^[a-z_]+$", label));
    }
}
