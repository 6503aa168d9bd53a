using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.Tests.SemanticCache.Policies;

public sealed class ScopeRulesTests
{
    private readonly TestOptions<SemanticOptions> _options = new(new SemanticOptions
    {
        Rules =
        {
            new SemanticRule { Model = "gpt-*", Tag = "faq", Threshold = 0.7, AuditShare = 0.5 },
            new SemanticRule { Route = "slow", Policy = "off" },
            new SemanticRule { Tenant = "abc*", Policy = "learned", ErrorBound = 0.002 },
        },
    });

    [Fact]
    public void For_FirstRuleThatFits_Counts()
    {
        var sut = new ScopeRules(_options);

        Assert.Equal(0.7, sut.For(Scope(model: "gpt-5", tag: "faq", tenant: "abcd")).Threshold);
        Assert.Equal(0.5, sut.For(Scope(model: "gpt-5", tag: "faq")).AuditShare);
        Assert.Null(sut.For(Scope(model: "gpt-5")).Threshold);
        Assert.Equal("off", sut.For(Scope(route: "slow")).Policy);
        Assert.Equal(("learned", 0.002), (sut.For(Scope(tenant: "abcd")).Policy, sut.For(Scope(tenant: "abcd")).ErrorBound));
        Assert.Equal("static", sut.For(Scope(tenant: "xabc")).Policy);
    }

    [Fact]
    public void For_AfterAReload_FollowsIt()
    {
        var sut = new ScopeRules(_options);
        Assert.Null(sut.For(Scope()).Threshold);

        _options.CurrentValue = new SemanticOptions { Threshold = 0.5 };

        Assert.Equal(0.5, sut.For(Scope()).Threshold);
    }

    [Fact]
    public void Decide_ByPolicyOfTheScope_ServesOrOnlyLooksOn()
    {
        bool isFallen = false;
        var rules = new ScopeRules(_options);
        var sut = new ScopedPolicy(rules, new StaticPolicy(0.9, rules), new LearnedPolicy(_ => default), (_, _) => isFallen);
        var evidence = new SemanticEvidence { Cosine = 0.95f, Logit = 5, Probability = 0.95 };

        Assert.True(sut.Decide(Scope(), evidence).Serves);
        Assert.True(sut.IsOff(Scope(route: "slow")));
        Assert.False(sut.Decide(Scope(route: "slow"), evidence).Serves);
        isFallen = true;
        Assert.Equal((false, true), (sut.Decide(Scope(), evidence).Serves, sut.Decide(Scope(), evidence).WouldServe));
        isFallen = false;
        _options.CurrentValue = new SemanticOptions { Policy = "shadow", Shadow = "static" };
        Assert.Equal((false, true), (sut.Decide(Scope(), evidence).Serves, sut.Decide(Scope(), evidence).WouldServe));
        Assert.Equal("static", sut.DecideInShadow(Scope(), evidence)!.Value.Name);
        _options.CurrentValue = new SemanticOptions { Shadow = "learned" };
        Assert.Equal("learned", sut.DecideInShadow(Scope(), evidence)!.Value.Name);
    }

    [Fact]
    public void Validate_RuleWithoutConditionOrWithUnknownPolicy_IsRefusedByName()
    {
        var options = new SemanticOptions { Shadow = "shadow", Rules = { new SemanticRule { Policy = "adaptive" } } };

        string failures = string.Join('\n', new SemanticOptionsValidator().Validate(null, options).Failures!);

        Assert.Contains("Semantic:Shadow 'shadow'", failures);
        Assert.Contains("Semantic:Rules:0:Policy 'adaptive'", failures);
        Assert.Contains("Semantic:Rules:0 has no condition", failures);
    }

    private static PolicyScope Scope(string model = "m", string route = "", string tenant = "t", string? tag = null)
        => new(tenant, model, route, "", tag is null ? [] : [tag], default, default);
}
