using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Exchange.Policies;

public class CachePoliciesTests
{
    [Theory]
    [InlineData("", "", "", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("gpt-4o", "", "", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("gpt-4o", "", "", "", "", "gpt-4o-mini", "/v1/chat/completions", false)]
    [InlineData("gpt-4*", "", "", "", "", "gpt-4o-mini", "/v1/chat/completions", true)]
    [InlineData("GPT-4o", "", "", "", "", "gpt-4o", "/v1/chat/completions", false)]
    [InlineData("*", "", "", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("", "faq", "", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("", "fa", "", "", "", "gpt-4o", "/v1/chat/completions", false)]
    [InlineData("", "", "news", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("", "", "ne*", "", "", "gpt-4o", "/v1/chat/completions", true)]
    [InlineData("", "", "old", "", "", "gpt-4o", "/v1/chat/completions", false)]
    [InlineData("", "", "", "/v1/messages", "", "claude", "/v1/messages", true)]
    [InlineData("", "", "", "/v1/messages", "", "claude", "/V1/Messages/", true)]
    [InlineData("", "", "", "/v1/messages", "", "claude", "/v1/responses", false)]
    [InlineData("", "", "", "", "backend", "gpt-4o", "/v1/responses", true)]
    [InlineData("", "", "", "", "other", "gpt-4o", "/v1/responses", false)]
    [InlineData("gpt*", "faq", "news", "/v1/*", "back*", "gpt-4o", "/v1/responses", true)]
    [InlineData("gpt*", "faq", "olds", "/v1/*", "back*", "gpt-4o", "/v1/responses", false)]
    public void Rule_AppliesToWhatMeetsAllItsConditions(string model, string space, string tag, string path, string route, string askedModel, string askedPath, bool applies)
    {
        var rule = new ExactRule { Model = model, Namespace = space, Tag = tag, Path = path, Route = route, TtlSeconds = 5 };
        CachePolicies policies = Create(new ExactOptions { Rules = { rule } });

        Assert.Equal(applies ? 5 : 3600, policies.For(Exchange(askedModel), askedPath).TtlSeconds);
    }

    [Fact]
    public void Rules_TheFirstThatFitsCounts_AndTheRestIsTheSections()
    {
        var options = new ExactOptions { TtlSeconds = 100, StaleIfErrorSeconds = 7, Rules = { new ExactRule { Tag = "news", TtlSeconds = 10 }, new ExactRule { Model = "gpt*", TtlSeconds = 20 } } };
        CachePolicies policies = Create(options);

        CachePolicy policy = policies.For(Exchange("gpt-4o"), "/v1/messages");

        Assert.Equal((10, 7), (policy.TtlSeconds, policy.StaleIfErrorSeconds));
        Assert.Same(policy, policies.For(Exchange("gpt-4o"), "/v1/messages"));
    }

    [Theory]
    [InlineData(0, null, true)]
    [InlineData(0, 60, false)]
    [InlineData(1, null, false)]
    public void Rule_OfNoTime_CannotBeOverruledByTheClient(int ttl, int? maximum, bool keepsNothing)
        => Assert.Equal(keepsNothing, CachePolicy.Of(new ExactOptions(), new ExactRule { TtlSeconds = ttl, MaxTtlSeconds = maximum }).KeepsNothing);

    [Fact]
    public void Policies_AfterAReload_AreTheNewOnes()
    {
        var monitor = new Monitor { CurrentValue = new ExactOptions { TtlSeconds = 1 } };
        var policies = new CachePolicies(monitor);
        Assert.Equal(1, policies.For(Exchange("m"), "/").TtlSeconds);

        monitor.CurrentValue = new ExactOptions { TtlSeconds = 2 };

        Assert.Equal(2, policies.For(Exchange("m"), "/").TtlSeconds);
    }

    [Fact]
    public void Faults_NameTheRule()
    {
        var options = new ExactOptions { Rules = { new ExactRule { Model = "m" }, new ExactRule { TtlSeconds = 5 }, new ExactRule { Model = "m", TtlSeconds = 5, MaxTtlSeconds = 4 } } };

        string[] faults = [.. new ExactOptionsValidator().Validate(null, options).Failures!];

        Assert.Collection(faults, fault => Assert.StartsWith("Exact:Rules:1 has no condition", fault), fault => Assert.StartsWith("Exact:Rules:2:TtlSeconds (5)", fault));
    }

    private static CachePolicies Create(ExactOptions options) => new(new Monitor { CurrentValue = options });

    private static ExchangeFeature Exchange(string model) => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = null!,
        Body = default,
        Namespace = "faq",
        Tags = ["today", "news"],
        Facts = new RequestFacts { Model = model },
        Route = new UpstreamRoute { Name = "backend", Destinations = [] },
    };

    private sealed class Monitor : IOptionsMonitor<ExactOptions>
    {
        public required ExactOptions CurrentValue { get; set; }

        public ExactOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<ExactOptions, string?> listener) => null;
    }
}
