using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>Attention of a few neighbouring rows of one sequence and one key head.</summary>
internal abstract unsafe class AttentionTile
{
    /// <summary>Whether no block of 32 spans two key heads, so that a tile can sum its own; if not, the sums are left to the caller.</summary>
    public abstract bool WritesSums { get; }

    public static AttentionTile Create(AttentionShape shape, StepPlan plan, KvLayer cache, KvDataType type) => type == KvDataType.Int8
        ? new TypedAttentionTile<Int8Element>(shape, plan, cache)
        : new TypedAttentionTile<Float32Element>(shape, plan, cache);

    /// <param name="attended">[tokens, query heads * head size].</param>
    /// <param name="sums">[tokens, query heads * head size / 32].</param>
    public abstract void Run(in StepPlan.Tile tile, int head, float* attended, float* sums);
}
