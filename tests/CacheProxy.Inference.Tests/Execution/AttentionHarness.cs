using System.Globalization;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Execution.Attention;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>A session of one attention operator over a pool of its own.</summary>
internal sealed class AttentionHarness : IDisposable
{
    private const string Packed = "packed", Attended = "attended";

    private readonly AttentionCase _case;
    private readonly StepPlan _plan;
    private readonly KvPool _pool;
    private readonly OperatorDomain _operators;
    private readonly InferenceSession _session;

    public AttentionHarness(AttentionCase attention, int blocks = 64, int maxTokens = 512, int contextLength = 4096)
    {
        _case = attention;
        AttentionShape shape = attention.Shape;
        var config = new DecoderConfig
        {
            Width = 16,
            FeedForward = 16,
            Vocabulary = 16,
            ContextLength = contextLength,
            NormEpsilon = AttentionCase.Epsilon,
            Attention = [shape],
            Rotations = attention.Rotary is null ? [] : [attention.Rotary],
        };
        _plan = new StepPlan(config, maxTokens, attention.Eviction);
        _pool = new KvPool(blocks, attention.Type, config.Attention);
        _operators = new OperatorDomain(FusedOperators.Domain, new OperatorDefinition(
            FusedOperators.Attention, PagedAttentionKernel.Inputs, PagedAttentionKernel.OptionalInputs, 2,
            _ => new PagedAttentionKernel(shape, config.NormEpsilon, _plan, _pool.Layer(0), attention.Type)));
        using var graph = new ModelGraph(config, Write(attention), []);
        _session = ModelSession.Open(graph, new ModelRunnerOptions { Threads = 2 }, _operators);
    }

    public KvRetention Retention => _plan.Retention;

    public KvPool Pool => _pool;

    /// <summary>Runs the case's tokens [start..end) as one step and returns their rows.</summary>
    public float[] Run(int start, int end, int[] blocks)
    {
        var batch = new StepBatch();
        batch.Add(new int[end - start], start, blocks, 0, _case.TotalLength);
        return Run(batch, _case.Packed[(start * _case.Shape.PackedWidth)..(end * _case.Shape.PackedWidth)]);
    }

    /// <summary>Runs any batch over rows of packed queries, keys and values.</summary>
    public float[] Run(StepBatch batch, float[] packed)
    {
        _plan.Prepare(batch);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(packed, [batch.TokenCount, _case.Shape.PackedWidth]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, [Packed], [input], [Attended]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>All rows of the case, cut into chunks.</summary>
    public float[] RunAll(int[] blocks, int chunk)
    {
        var rows = new List<float>();
        for (int start = 0; start < _case.Tokens; start += chunk)
        {
            rows.AddRange(Run(start, Math.Min(_case.Tokens, start + chunk), blocks));
        }

        return [.. rows];
    }

    public void Dispose()
    {
        _session.Dispose();
        _operators.Dispose();
        _plan.Dispose();
        _pool.Dispose();
    }

    private static byte[] Write(AttentionCase attention)
    {
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        var graph = new OnnxGraph("attention");
        string Optional(string name, float[]? values) => values is null ? "" : graph.Constant(name, values, values.Length);
        string packed = graph.Input(Packed, OnnxType.Float, "tokens", Text(attention.Shape.PackedWidth));
        graph.Node(
            FusedOperators.Attention, FusedOperators.Domain,
            [packed, "", "", Optional("query_gamma", attention.QueryGamma), Optional("key_gamma", attention.KeyGamma), Optional("bias", attention.Bias)],
            [Attended, "sums"], ("layer", 0));
        graph.Output(Attended, OnnxType.Float, "tokens", Text(attention.Shape.QueryWidth));
        return graph.Serialize();
    }
}
