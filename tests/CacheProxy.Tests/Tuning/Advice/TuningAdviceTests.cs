using CacheProxy.Exchange.Policies;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Settings;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Advice;

public sealed class TuningAdviceTests
{
    [Fact]
    public void From_TwoModels_AdvisesEachItsOwnThreshold()
    {
        TuningAdvice advice = Advise([.. Observed.Candidates("good", 4000, 0.3), .. Observed.Candidates("bad", 4000, 0.8)]);

        Assert.Equal(["bad", "good"], advice.Scopes.Select(scope => scope.Model).Order());
        double good = advice.Scopes.Single(scope => scope.Model == "good").Advised!.Value.Point.Threshold;
        double bad = advice.Scopes.Single(scope => scope.Model == "bad").Advised!.Value.Point.Threshold;
        Assert.InRange(good, 0.25, 0.4);
        Assert.InRange(bad, 0.75, 0.9);
        Assert.InRange(advice.Threshold.Advised!.Value.Point.Threshold, good, bad);
        Assert.Null(advice.Ttl);
    }

    [Fact]
    public void From_TooLittleOfOneModel_LeavesItToTheCommonThreshold()
    {
        TuningAdvice advice = Advise([.. Observed.Candidates("much", 4000, 0.5), .. Observed.Candidates("little", 100, 0.5)]);

        Assert.Null(advice.Scopes.Single(scope => scope.Model == "little").Advised);
        Assert.DoesNotContain(Plan("{}", advice).Changes, change => change.After.Contains("little", StringComparison.Ordinal));
    }

    [Fact]
    public void From_ModelsWhoseAnswersAgeUnlike_AdvisesEachItsOwnTtl()
    {
        ExactOptions exact = new();
        exact.Rules.Add(new ExactRule { Model = "covered*", TtlSeconds = 60 });
        Evidence[] evidence =
        [
            .. Aged("lasting", i => i * 9, _ => true),
            .. Aged("news", i => i * 9, age => age < 900 || age % 2 == 0),
            .. Aged("covered-1", i => i * 9, age => age < 900),
        ];

        TuningAdvice advice = TuningAdvice.From(evidence, (_, _) => 0.5, exact, 0.02, 0.95);
        AdvicePlan plan = Plan("{}", advice);

        Assert.Equal(["lasting", "news"], advice.ScopeTtls.Select(ttl => ttl.Model).Order());
        Assert.Equal(7200, advice.ScopeTtls.Single(ttl => ttl.Model == "lasting").AdvisedSeconds);
        Assert.Equal(900, advice.ScopeTtls.Single(ttl => ttl.Model == "news").AdvisedSeconds);
        Assert.Equal(("\"lasting\"", "7200"), (plan.Text.ValueAt("Exact:Rules:0:Model"), plan.Text.ValueAt("Exact:Rules:0:TtlSeconds")));
        Assert.Empty(Plan(plan.Text.Text, advice).Changes);

        static IEnumerable<Evidence> Aged(string model, Func<int, long> ageOf, Func<long, bool> isRight)
            => Enumerable.Range(0, 400).Select(i => new Evidence(model, "", new ScoredLabel(1, isRight(ageOf(i))), ageOf(i)));
    }

    [Fact]
    public void Plan_WithRules_ChangesTheModelsOwnAndAddsTheOthers()
    {
        const string Settings = """
            { "Semantic": { "Threshold": 0.9, "Rules": [ { "Model": "good", "Tag": "x", "Threshold": 0.1 }, { "Model": "good", "Threshold": 0.2 } ] } }
            """;
        TuningAdvice advice = Advise([.. Observed.Candidates("good", 4000, 0.3), .. Observed.Candidates("b\"ad", 4000, 0.8)]);

        AdvicePlan plan = Plan(Settings, advice);

        Assert.Equal(["Semantic:Threshold", "Semantic:Rules", "Semantic:Rules:1:Threshold"], plan.Changes.Select(change => change.Path).OrderBy(path => path.Length).ThenBy(path => path).OrderBy(path => path == "Semantic:Threshold" ? 0 : path == "Semantic:Rules" ? 1 : 2));
        Assert.Equal("0.1", plan.Text.ValueAt("Semantic:Rules:0:Threshold"));
        Assert.NotEqual("0.2", plan.Text.ValueAt("Semantic:Rules:1:Threshold"));
        Assert.Equal("""
            "b\u0022ad"
            """, plan.Text.ValueAt("Semantic:Rules:2:Model"));
        Assert.Equal("0.9", plan.Changes.Single(change => change.Path == "Semantic:Threshold").Before);
    }

    [Fact]
    public void Plan_MadeTwice_ChangesNothingMore()
    {
        TuningAdvice advice = Advise([.. Observed.Candidates("good", 4000, 0.3), .. Observed.Candidates("bad", 4000, 0.8)]);

        AdvicePlan first = Plan("{}", advice);

        Assert.Equal(3, first.Changes.Count);
        Assert.Empty(Plan(first.Text.Text, advice).Changes);
    }

    [Fact]
    public void From_NoEvidence_AdvisesNothing()
    {
        TuningAdvice advice = Advise([]);

        Assert.Null(advice.Threshold.Advised);
        Assert.Empty(Plan("{}", advice).Changes);
    }

    [Fact]
    public void Plan_AThreshold_IsRoundedToTheStrictSide()
    {
        Evidence[] evidence = [.. Observed.Candidates("", 3000, 0.5)];

        ThresholdAdvice advice = Advise(evidence).Threshold;

        double threshold = double.Parse(Plan("{}", Advise(evidence)).Text.ValueAt("Semantic:Threshold")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(advice.Advised!.Value.Point.Served, evidence.Count(one => one.Label.Score >= threshold));
        Assert.True(advice.Advised.Value.UpperBound <= 0.02);
    }

    private static TuningAdvice Advise(IReadOnlyList<Evidence> evidence) => TuningAdvice.From(evidence, (_, _) => 0.942, new ExactOptions(), 0.02, 0.95);

    private static AdvicePlan Plan(string settings, TuningAdvice advice) => AdvicePlan.Make(new SettingsText(settings), advice, policy: null);
}
