using CacheProxy.Inference.Execution;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>Another runner, which it does not own, behind a gate: its steps wait until a whole batch of requests is submitted. Counts copies.</summary>
internal sealed class GatedRunner(IModelRunner inner) : DelegatingModelRunner(inner)
{
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public int Copies { get; private set; }

    public override ReadOnlySpan<float> Run(StepBatch batch)
    {
        Gate.Wait();
        return base.Run(batch);
    }

    public override void CopyBlock(int sourceBlock, int targetBlock, int tokens)
    {
        Copies++;
        base.CopyBlock(sourceBlock, targetBlock, tokens);
    }

    protected override void Dispose(bool disposing) => Gate.Dispose();
}
