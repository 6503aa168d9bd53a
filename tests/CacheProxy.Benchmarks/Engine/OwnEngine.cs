using System.Diagnostics;
using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Benchmarks.Engine;

/// <summary>The product's model runner, fed as its scheduler does: prompts in chunks of the largest batch, decodes of all sequences in one step.</summary>
internal sealed class OwnEngine : IEngine
{
    private readonly GgufFile _file;
    private readonly OnnxModelRunner _runner;
    private readonly StepBatch _batch = new();
    private int[][] _blocks = [];
    private int[] _lengths = [];
    private int[] _last = [];

    public OwnEngine(string model, int threads)
    {
        _file = GgufFile.Open(model);
        _runner = OnnxModelRunner.Load(_file, new ModelRunnerOptions { Threads = threads });
    }

    public Task OpenAsync(int sequences, int tokens, CancellationToken cancellationToken)
    {
        int blocks = (tokens + _runner.BlockSize - 1) / _runner.BlockSize;
        _blocks = [.. Enumerable.Range(0, sequences).Select(i => Enumerable.Range(i * blocks, blocks).ToArray())];
        _lengths = new int[sequences];
        _last = new int[sequences];
        return Task.CompletedTask;
    }

    public Task<Timing> PrefillAsync(int[][] prompts, CancellationToken cancellationToken) => Task.FromResult(Time(() =>
    {
        for (int i = 0; i < prompts.Length; i++)
        {
            for (int at = 0; at < prompts[i].Length; at += _runner.MaxBatchTokens)
            {
                int count = Math.Min(_runner.MaxBatchTokens, prompts[i].Length - at);
                bool ends = at + count == prompts[i].Length;
                _batch.Clear();
                _batch.Add(prompts[i].AsSpan(at, count), at, _blocks[i], ends ? 1 : 0);
                ReadOnlySpan<float> logits = _runner.Run(_batch);
                _last[i] = ends ? TensorPrimitives.IndexOfMax(logits) : 0;
            }

            _lengths[i] = prompts[i].Length;
        }

        return [.. _last];
    }));

    public Task<Timing> DecodeAsync(int steps, CancellationToken cancellationToken) => Task.FromResult(Time(() =>
    {
        int[] first = new int[steps];
        for (int step = 0; step < steps; step++)
        {
            _batch.Clear();
            for (int i = 0; i < _last.Length; i++)
            {
                _batch.Add(_last.AsSpan(i, 1), _lengths[i]++, _blocks[i], 1);
            }

            ReadOnlySpan<float> logits = _runner.Run(_batch);
            for (int i = 0; i < _last.Length; i++)
            {
                _last[i] = TensorPrimitives.IndexOfMax(logits.Slice(i * _runner.VocabularySize, _runner.VocabularySize));
            }

            first[step] = _last[0];
        }

        return first;
    }));

    public ValueTask DisposeAsync()
    {
        _runner.Dispose();
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Timing Time(Func<int[]> work)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        int[] tokens = work();
        return new Timing(Stopwatch.GetElapsedTime(start).TotalMilliseconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds, tokens);
    }
}
