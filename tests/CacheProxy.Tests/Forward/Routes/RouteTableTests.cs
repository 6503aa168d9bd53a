using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Forward.Routes;

public sealed class RouteTableTests : IDisposable
{
    private readonly List<Upstream> _upstreams = [];

    public void Dispose() => _upstreams.ForEach(upstream => upstream.Client.Dispose());

    [Fact]
    public void Model_GoesToTheFirstThatSpeaksTheDialect()
    {
        RouteTable sut = CreateSut([], Kind("openai", UpstreamKind.OpenAI), Kind("anthropic", UpstreamKind.Anthropic));

        Assert.Equal("openai", sut.Find("any", Dialect.OpenAIChat)!.Name);
        Assert.Equal("anthropic", sut.Find("any", Dialect.AnthropicMessages)!.Name);
        Assert.Equal("anthropic", sut.FindDefault(Dialect.AnthropicMessages)!.Name);
    }

    [Fact]
    public void Model_NotInThisDialect_IsRefusedWithThoseThatServeIt()
    {
        RouteTable sut = CreateSut([], Kind("anthropic", UpstreamKind.Anthropic, "claude*"), Kind("openai", UpstreamKind.OpenAI, "gpt*"));

        Assert.Null(sut.Find("claude-1", Dialect.OpenAIChat));
        Assert.Equal(("model_not_supported", 404), (sut.Refuse("claude-1", Dialect.OpenAIChat).Code, sut.Refuse("claude-1", Dialect.OpenAIChat).Status));
        Assert.Contains("through: messages", sut.Refuse("claude-1", Dialect.OpenAIChat).Message);
        Assert.Equal("model_not_found", sut.Refuse("llama", Dialect.OpenAIChat).Code);
    }

    [Fact]
    public void Routes_GoBeforeTheUpstreamsOwnModels()
    {
        var route = new UpstreamRouteOptions { Name = "fast", Models = "fast,quick-*", Model = "gpt-4o-mini" };
        route.Destinations.Add(new DestinationOptions { Upstream = "B", Weight = 2 });
        route.Fallbacks.Add(new DestinationOptions { Upstream = "a", Model = "other" });
        RouteTable sut = CreateSut([route], Kind("a", UpstreamKind.Compatible), Kind("b", UpstreamKind.OpenAI));

        UpstreamRoute found = sut.Find("quick-1", Dialect.OpenAIChat)!;

        Assert.Equal(("fast", "gpt-4o-mini", "b", 2), (found.Name, found.ModelOf("quick-1"), found.Destinations[0].Target.Name, found.Destinations[0].Weight));
        Assert.True(found.Destinations[0].IsSameModel);
        Assert.False(found.Fallbacks.Single().IsSameModel);
        Assert.True(found.TakesPromptKey);
        Assert.Equal("a", sut.Find("slow", Dialect.OpenAIChat)!.Name);
    }

    [Fact]
    public void Destinations_ThatDoNotSpeakTheDialect_AreLeftOut()
    {
        var route = new UpstreamRouteOptions { Name = "r", Models = "m" };
        route.Destinations.Add(new DestinationOptions { Upstream = "openai" });
        route.Destinations.Add(new DestinationOptions { Upstream = "vllm" });
        RouteTable sut = CreateSut([route], Kind("openai", UpstreamKind.OpenAI, ""), Kind("vllm", UpstreamKind.Vllm, ""));

        Assert.Equal(2, sut.Find("m", Dialect.OpenAIChat)!.Destinations.Count);
        Assert.Equal("vllm", sut.Find("m", Dialect.AnthropicMessages)!.Destinations.Single().Target.Name);
        Assert.Null(sut.Find("other", Dialect.OpenAIChat));
    }

    [Fact]
    public void Retired_Table_RetiresAllItsRoutes()
    {
        RouteTable sut = CreateSut([], Kind("a", UpstreamKind.Compatible));
        UpstreamRoute route = sut.Find("m", Dialect.OpenAIChat)!;

        sut.Retire();

        Assert.True(route.IsRetired);
    }

    private RouteTable CreateSut(RoutesOptions routes, params UpstreamOptions[] upstreams)
    {
        var clock = new FakeTimeProvider();
        _upstreams.AddRange(upstreams.Select(options => Upstream.Create(options, [], clock)));
        return RouteTable.Build(_upstreams, routes);
    }

    private static UpstreamOptions Kind(string name, UpstreamKind kind, string models = "*")
        => new() { Name = name, Kind = kind, BaseUrl = "http://localhost/v1", Models = models };
}
