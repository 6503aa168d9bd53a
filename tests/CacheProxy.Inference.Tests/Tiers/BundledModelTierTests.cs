using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Tests.Tiers;

/// <summary>KV of the real model that went away and came back: answers have the bits of the cold one.</summary>
public sealed class BundledModelTierTests : IDisposable
{
    /// <summary>Ten full blocks and one token.</summary>
    private const int PromptTokens = 161;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answer_AfterEvictionToMemory_HasTheBitsOfTheColdOne()
    {
        await using LanguageModel model = Open(new KvTierOptions { RamBytes = 64 << 20 });
        Answer cold = await Ask(model, Prompt(1));
        await Ask(model, Prompt(2));
        await Ask(model, Prompt(3));

        Answer back = await Ask(model, Prompt(1));

        Assert.Equal((0, PromptTokens - 1), (cold.CachedTokens, back.CachedTokens));
        Assert.Equal(PromptTokens - 1, model.Engine.Stats.Counts.Tiers.RamHitTokens);
        Assert.Equal(cold.Tokens, back.Tokens);
    }

    [Fact]
    public async Task Answer_FromDiskAfterARestart_HasTheBitsOfTheColdOne()
    {
        var disk = new KvTierOptions { DiskBytes = 64 << 20, DiskPath = _folder.Path };
        Answer cold;
        await using (LanguageModel before = Open(disk))
        {
            cold = await Ask(before, Prompt(1));
        }

        await using LanguageModel after = Open(disk);
        Answer back = await Ask(after, Prompt(1));

        Assert.Equal((0, PromptTokens - 1), (cold.CachedTokens, back.CachedTokens));
        Assert.Equal(PromptTokens - 1, after.Engine.Stats.Counts.Tiers.DiskHitTokens);
        Assert.Equal(cold.Tokens, back.Tokens);
    }

    /// <summary>The pool holds one prompt with its answer.</summary>
    private static LanguageModel Open(KvTierOptions tiers) => LanguageModel.Load(BundledModel.Path, new LanguageModelOptions
    {
        Runner = new ModelRunnerOptions { BlockCount = 12, Device = ModelDevice.Cpu },
        Cache = new KvCacheOptions { Tiers = tiers },
    });

    private static async Task<Answer> Ask(LanguageModel model, int[] prompt)
    {
        var request = new GenerationRequest { PromptTokens = prompt, MaxTokens = 12, IgnoreEndOfSequence = true, TopLogProbs = 2 };
        var tokens = new List<(int, float)>();
        await foreach (GenerationEvent item in model.Submit(request).ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (item is GenerationEvent.Delta delta)
            {
                tokens.AddRange(delta.Tokens.SelectMany(token => token.Top.Select(top => (top.Token, top.LogProb)).Prepend((token.Token, token.LogProb))));
            }

            if (item is GenerationEvent.Finished end)
            {
                Assert.Null(end.Error);
                Assert.Equal(36, tokens.Count);
                return new Answer([.. tokens], end.Usage.CachedTokens);
            }
        }

        throw new InvalidOperationException("The answer has no end.");
    }

    private static int[] Prompt(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, PromptTokens).Select(_ => random.Next(100, 40000))];
    }

    private sealed record Answer((int Token, float LogProb)[] Tokens, int CachedTokens);
}
