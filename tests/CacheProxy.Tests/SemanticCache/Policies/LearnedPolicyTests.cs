using CacheProxy.Benchmarks.Streams;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.Tests.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Policies;

public sealed class LearnedPolicyTests
{
    private static readonly LearnedSettings Settings = new(0.01, 0.05, 0.8, 0);

    [Theory]
    [InlineData(0.005)]
    [InlineData(0.01)]
    [InlineData(0.02)]
    public void Streams_OfEveryOrder_StayWithinTheBound(double bound)
    {
        const int Seeds = 3;
        int within = 0, runs = 0, served = 0, wrong = 0;
        foreach (StreamOrder order in Enum.GetValues<StreamOrder>())
        {
            for (int seed = 0; seed < Seeds; seed++)
            {
                var world = SyntheticWorld.Make(400, 20, bias: 0, seed);
                StreamCounts counts = Run(world, StreamMaker.Draw(world, order, 2000, seed), bound, seed);
                runs++;
                within += counts.Error <= bound ? 1 : 0;
                served += counts.Served;
                wrong += counts.Wrong;
            }
        }

        Assert.Equal(runs, within);
        Assert.InRange(served, 200, int.MaxValue);
        Assert.InRange((double)wrong / served, 0, 0.05);
    }

    [Fact]
    public void Stream_WhoseScoresPromiseTooMuch_IsLearnedBeforeItCosts()
    {
        var world = SyntheticWorld.Make(400, 20, bias: 1.5, seed: 5);
        int[] stream = StreamMaker.Draw(world, StreamOrder.Shuffled, 3000, seed: 5);

        StreamCounts learned = Run(world, stream, 0.01, seed: 5);
        StreamCounts fixedScore = StreamRunner.Run(world, stream, new HindsightPolicy(0.9, byCosine: false), 0, new Random(5)).All;

        Assert.InRange(learned.Error, 0, 0.01);
        Assert.True(fixedScore.WrongOfServed > learned.WrongOfServed);
    }

    [Fact]
    public void Decide_NothingPaidInYet_ServesNothing()
    {
        var sut = new LearnedPolicy(_ => Settings, () => 0.5);

        PolicyVerdict verdict = sut.Decide(Scope(1), Evidence(0.9999));

        Assert.False(verdict.Serves);
        Assert.True(verdict.Explores);
    }

    [Fact]
    public void Decide_AfterWrongAnswersOfAnEntry_ServesItNoMore()
    {
        LearnedPolicy sut = Warm();
        Assert.True(sut.Decide(Scope(1), Evidence(0.99)).Serves);

        for (int i = 0; i < 5; i++)
        {
            sut.Learn(Scope(1).Partition, Scope(1).Entry, null, 0.99, 0.95, isRight: false);
        }

        Assert.False(sut.Decide(Scope(1), Evidence(0.99)).Serves);
        Assert.True(sut.Decide(Scope(2), Evidence(0.999)).Serves);
    }

    [Fact]
    public void Learn_RightAnswer_JoinsTheQuestionToTheEntry()
    {
        LearnedPolicy sut = Warm();
        sut.Learn(Scope(1).Partition, Scope(1).Entry, Scope(7).Entry, 0.9, 0.95, isRight: true);
        double before = sut.Decide(Scope(7), Evidence(0.97)).Score;

        for (int i = 0; i < 3; i++)
        {
            sut.Learn(Scope(1).Partition, Scope(1).Entry, null, 0.97, 0.95, isRight: false);
        }

        Assert.True(sut.Decide(Scope(7), Evidence(0.97)).Score < before - 0.01);
    }

    [Fact]
    public void Decide_SameWordsServedBefore_AsksForAnAudit()
    {
        LearnedPolicy sut = Warm();
        PolicyScope scope = Scope(1) with { Asked = RandomVectors.Fingerprint(99) };
        PolicyVerdict first = sut.Decide(scope, Evidence(0.999));
        Assert.True(sut.TryServe(scope, first));

        Assert.False(first.Audits);
        Assert.True(sut.Decide(scope, Evidence(0.999)).Audits);
    }

    [Fact]
    public void TryServe_ManyVerdictsOnOneAllowance_ServesNoMoreThanItPaysFor()
    {
        const int Callers = 64;
        const double Price = 0.15;
        LearnedPolicy sut = new(_ => new LearnedSettings(0.01, 0.5, 0.8, 0), () => 0.5);
        for (int i = 0; i < 20; i++)
        {
            sut.NoteRequest(Scope(1));
        }

        int served = 0;
        using var together = new Barrier(8);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            together.SignalAndWait(TestContext.Current.CancellationToken);
            for (int i = 0; i < Callers / 8; i++)
            {
                Interlocked.Add(ref served, sut.TryServe(Scope(1), new PolicyVerdict(true, 1 - Price, 0.8)) ? 1 : 0);
            }
        });

        // 20 requests have paid 0.2 in: room for one answer at 0.15.
        Assert.Equal(1, served);
    }

    [Fact]
    public void NoteRequest_MoreScopesThanAreKept_TheServedAndTheNewHaveAccountsOfTheirOwn()
    {
        LearnedPolicy sut = Warm();
        Assert.True(sut.TryServe(Scope(1), sut.Decide(Scope(1), Evidence(0.999))));
        for (int i = 0; i < 6000; i++)
        {
            sut.NoteRequest(Scope(1) with { Model = $"made-up-{i}" });
        }

        Assert.True(sut.Decide(Scope(2), Evidence(0.999)).Serves);
        PolicyScope late = Scope(1) with { Model = "late" };
        for (int i = 0; i < 100; i++)
        {
            Assert.False(i < 1 && sut.Decide(late, Evidence(0.999)).Serves);
            sut.NoteRequest(late);
        }

        Assert.True(sut.Decide(late, Evidence(0.999)).Serves);
    }

    [Fact]
    public void Forget_TrustedEntry_IsTrustedAsANewOne()
    {
        LearnedPolicy sut = Warm();
        for (int i = 0; i < 10; i++)
        {
            sut.Learn(Scope(1).Partition, Scope(1).Entry, Scope(7).Entry, 0.9, 0.95, isRight: true);
        }

        double trusted = sut.Decide(Scope(1), Evidence(0.9)).Score;
        double wording = sut.Decide(Scope(7), Evidence(0.9)).Score;
        sut.Forget(Scope(1).Entry);

        double another = sut.Decide(Scope(2), Evidence(0.9)).Score;
        Assert.True(trusted > another);
        Assert.Equal(trusted, wording);
        Assert.Equal(another, sut.Decide(Scope(1), Evidence(0.9)).Score);
        Assert.Equal(another, sut.Decide(Scope(7), Evidence(0.9)).Score);
    }

    [Fact]
    public void Forget_EntryThatWasWrong_StaysDistrusted()
    {
        LearnedPolicy sut = Warm();
        for (int i = 0; i < 5; i++)
        {
            sut.Learn(Scope(1).Partition, Scope(1).Entry, null, 0.99, 0.95, isRight: false);
        }

        sut.Forget(Scope(1).Entry);

        Assert.False(sut.Decide(Scope(1), Evidence(0.99)).Serves);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("shadow")]
    public void DecideInShadow_LearnedBesideTheServingOne_HasABoundToSpend(string serving)
    {
        var options = new TestOptions<SemanticOptions>(new SemanticOptions { Policy = serving, Shadow = "learned" });
        var rules = new ScopeRules(options);
        LearnedPolicy learned = Warm();
        var sut = new ScopedPolicy(rules, new StaticPolicy(0.9, rules), learned, (_, _) => false);
        PolicyScope scope = Scope(1) with { Model = "other" };

        Assert.False(sut.DecideInShadow(scope, Evidence(0.999))!.Value.Verdict.WouldServe);
        for (int i = 0; i < 50; i++)
        {
            sut.NoteRequest(scope);
        }

        Assert.True(sut.DecideInShadow(scope, Evidence(0.999))!.Value.Verdict.WouldServe);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0)]
    public void Decide_ScoreThatSaysNothing_ServesNothing(double probability)
        => Assert.False(Warm().Decide(Scope(1), Evidence(probability)).Serves);

    private static StreamCounts Run(StreamWorld world, int[] stream, double bound, int seed)
    {
        var random = new Random(seed);
        var policy = new LearnedPolicy(_ => new LearnedSettings(bound, 0.05, 0.8, 0.01), random.NextDouble);
        return StreamRunner.Run(world, stream, policy, 0.02, random).All;
    }

    /// <summary>One that has learned that the scores are right, and has its bounds to spend.</summary>
    private static LearnedPolicy Warm()
    {
        var sut = new LearnedPolicy(_ => Settings, () => 0.5);
        for (int i = 0; i < 300; i++)
        {
            sut.NoteRequest(Scope(0));
            sut.Learn(Scope(0).Partition, RandomVectors.Fingerprint(1000 + i), null, i % 2 == 0 ? 0.98 : 0.02, 0.95, isRight: i % 2 == 0);
        }

        return sut;
    }

    private static PolicyScope Scope(int entry) => new("t", "m", "", "", [], RandomVectors.Fingerprint(500), RandomVectors.Fingerprint(entry));

    private static SemanticEvidence Evidence(double probability) => new() { Cosine = 0.95f, Logit = 4, Probability = probability };
}
