using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.TestKit.Soak;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>Short forms of the benchmark program's soak.</summary>
public sealed class SoakTests
{
    [Fact]
    public async Task Soak_BundledModelInASmallPool_AnswersEverythingAndLeaksNothing()
    {
        await using LanguageModel model = LanguageModel.Load(BundledModel.Path, new LanguageModelOptions
        {
            Runner = new ModelRunnerOptions { BlockCount = 48 },
            Scheduling = new SchedulingOptions { MaxRunning = 12, MaxWaiting = 24 },
        });
        await model.WarmUpAsync(TestContext.Current.CancellationToken);

        var options = new SoakOptions { Duration = TimeSpan.FromSeconds(6), RequestsPerSecond = 20, MaxOpen = 48, Vocabulary = 40_000, MaxPrompt = 60, MaxTokens = 24 };
        SoakReport report = await new SoakRun(new EngineSoakTarget(model.Engine), options).RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(report.Problems);
        Assert.True(report.Outcomes.GetValueOrDefault(SoakOutcome.Answered) > 0, report.ToString());
        Assert.True(model.Engine.Stats.Counts.EvictedBlocks > 0, report.ToString());
    }

    [Fact]
    public async Task Soak_ModelWithoutWeights_MeetsEveryOutcomeAndLeaksNothing()
    {
        // Steps of 2 ms: eight answers of up to 60 tokens at once are far below what arrives, on any machine.
        var runner = new FakeModelRunner(blockCount: 60, blockSize: 4, contextLength: 200, maxBatchTokens: 64) { BeforeRun = _ => Thread.Sleep(2) };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary(), new SchedulingOptions { MaxRunning = 8, MaxWaiting = 6 });

        var options = new SoakOptions { Duration = TimeSpan.FromSeconds(3), RequestsPerSecond = 400, MaxOpen = 64, Vocabulary = 256, MaxPrompt = 100, MaxTokens = 60 };
        SoakReport report = await new SoakRun(new EngineSoakTarget(engine), options).RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(report.Problems);
        Assert.True(report.Outcomes.GetValueOrDefault(SoakOutcome.Answered) > 50, report.ToString());
        Assert.True(engine.Stats.Counts.Preemptions > 0, report.ToString());
        Assert.True(report.Outcomes.GetValueOrDefault(SoakOutcome.Refused) > 0, report.ToString());
    }
}
