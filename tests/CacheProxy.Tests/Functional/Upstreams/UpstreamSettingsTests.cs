using CacheProxy.Forward.Backend;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Pipeline;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Functional.Upstreams;

public class UpstreamSettingsTests
{
    [Theory]
    [InlineData("0:Kind", "open-ai", "Upstreams:0:Kind")]
    [InlineData("0:Kind", "open-ai", "It is one of: compatible, openai, azure, anthropic, vllm, sglang, llamacpp, ollama, cacheproxy.")]
    [InlineData("1:Retries", "often", "Upstreams:1:Retries")]
    [InlineData("0:RetryStatuses", "200", "Upstreams:0:RetryStatuses")]
    [InlineData("0:RetryStatuses", "502;503", "Upstreams:0:RetryStatuses")]
    [InlineData("0:Dialects", "chat,speech", "Upstreams:0:Dialects: 'speech' is none of chat, completions, embeddings, responses, messages")]
    [InlineData("0:ApiKeyFile", "/no/such/file", "Upstreams:0:ApiKeyFile")]
    [InlineData("0:ApiKeyEnvironment", "NO_SUCH_VARIABLE_OF_OURS", "Upstreams:0:ApiKeyEnvironment")]
    [InlineData("0:BaseUrl", "http://user:secret@localhost/v1", "Upstreams:0:BaseUrl: credentials belong into ApiKey")]
    [InlineData("0:BaseUrl", "ftp://localhost/v1", "Upstreams:0:BaseUrl: the scheme")]
    [InlineData("0:BaseUrl", "http://localhost/v1?key=1", "Upstreams:0:BaseUrl: an address without a query")]
    [InlineData("0:HealthPath", "health", "Upstreams:0:HealthPath")]
    [InlineData("0:BreakFailureRatio", "2", "Upstreams:0:BreakFailureRatio")]
    [InlineData("0:MaxRetryAfterSeconds", "-1", "Upstreams:0:MaxRetryAfterSeconds")]
    [InlineData("1:Name", "A", "Two upstreams are named a")]
    [InlineData("Routes:0:Name", "", "Routes:0:Name: 1 to 64 letters")]
    [InlineData("Routes:0:Name", "a", "Routes:0:Name: an upstream is named a")]
    [InlineData("Routes:0:Models", "", "Routes:0:Models")]
    [InlineData("Routes:0:Modells", "m", "Routes:0:Modells is not a setting")]
    [InlineData("Routes:0:ShareAliases", "true", "Routes:0:ShareAliases needs Model")]
    [InlineData("Routes:0:Destinations:0:Upstream", "c", "Routes:0:Destinations:0:Upstream: 'c' is none of a, b")]
    [InlineData("Routes:0:Destinations:0:Weight", "0", "Routes:0:Destinations:0:Weight: 1 to 1000, not 0")]
    [InlineData("Routes:0:Destinations:0:Wait", "0", "Routes:0:Destinations:0:Wait is not a setting")]
    [InlineData("Routes:0:Fallbacks:1:Upstream", "nobody", "Routes:0:Fallbacks:1:Upstream: 'nobody' is none of a, b")]
    [InlineData("Routes:1:Name", "r", "Two routes are named r")]
    public void Fault_StopsTheStartNamingKeyAndPlace(string key, string value, string message)
    {
        Dictionary<string, string> settings = Setup.For([("a", "http://127.0.0.1:9"), ("b", "http://127.0.0.1:9")], [.. Setup.Fallbacks("a", "b"), (key, value)]);

        Exception exception = Assert.ThrowsAny<Exception>(() => Start(settings));

        Assert.True(StartFaults.IsOperators(exception), exception.ToString());
        Assert.Contains(message, exception.Message);
        Assert.DoesNotContain("secret", exception.Message);
    }

    [Fact]
    public async Task Faults_OfUpstreamsAndRoutes_AreToldAllAtOnce()
    {
        var settings = Setup.For(
            [("a", "http://127.0.0.1:9"), ("b", "http://127.0.0.1:9")],
            [.. Setup.Fallbacks("x", "y"), ("0:ApiKey", "one"), ("0:ApiKeyFile", "/two"), ("1:Dialects", "speech")]);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => ProxyUnderTest.StartAsync(settings));

        Assert.Equal(4, exception.Failures.Count());
    }

    // What the program does before it listens.
    private static void Start(Dictionary<string, string> settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(settings!).Build();
        var services = new ServiceCollection();
        services.AddCacheProxy(configuration);
        services.CheckSections(configuration);
        using var directory = new UpstreamDirectory(
            new TestOptions<UpstreamsOptions>(Bind<UpstreamsOptions>("Upstreams")), new TestOptions<RoutesOptions>(Bind<RoutesOptions>("Routes")),
            Options.Create(new BackendOptions()), new FakeTimeProvider(), NullLogger<UpstreamDirectory>.Instance);

        T Bind<T>(string section) where T : class, new() => SectionBinder.Bind<T>(configuration, section, [], []);
    }
}
