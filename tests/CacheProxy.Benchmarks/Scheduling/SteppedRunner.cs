using System.Diagnostics;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>
/// Around the model's runner: splits the time between the starts of two steps into ONNX Runtime's and the engine's own, and
/// counts what the engine thread allocates in it.
/// </summary>
internal sealed class SteppedRunner(OnnxModelRunner inner) : DelegatingModelRunner(inner)
{
    private readonly OnnxModelRunner _model = inner;
    private readonly Step[] _steps = new Step[1 << 16];
    private long _startedAt;
    private TimeSpan _session;
    private long _allocated;
    private int _tokens;
    private int _sequences;
    private int _count;

    /// <param name="Tokens">Of the step.</param>
    /// <param name="Seconds">From its start to the next one's.</param>
    /// <param name="SessionSeconds">Of them in ONNX Runtime.</param>
    /// <param name="Bytes">Allocated by the engine thread meanwhile.</param>
    public readonly record struct Step(int Tokens, int Sequences, double Seconds, double SessionSeconds, long Bytes);

    /// <summary>Steps since the last <see cref="Reset"/>; to be read when the engine is idle.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _count);

    /// <summary>Forgets the steps; while the engine is idle.</summary>
    public void Reset() => _count = _tokens = 0;

    public override ReadOnlySpan<float> Run(StepBatch batch)
    {
        long now = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        if (_tokens > 0 && _count < _steps.Length)
        {
            _steps[_count++] = new Step(
                _tokens, _sequences, Stopwatch.GetElapsedTime(_startedAt, now).TotalSeconds, (_model.SessionTime - _session).TotalSeconds, allocated - _allocated);
        }

        (_startedAt, _session, _allocated, _tokens, _sequences) = (now, _model.SessionTime, allocated, batch.TokenCount, batch.SequenceCount);
        return base.Run(batch);
    }
}
