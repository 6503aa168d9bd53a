namespace CacheProxy.Inference.Prefix;

/// <summary>
/// What a cached block is worth: its last use on a logical clock of released blocks, put off by how often it was found again
/// and by what it would cost to compute again. The lowest goes first. The same number ranks blocks in the pool and in the tiers.
/// </summary>
/// <remarks>
/// Block hit rate on the Mooncake conversation trace through pool, memory and disk of 2.6M / 10M / 26M tokens (unbounded: 36.6 %): plain
/// LRU 10.8 / 28.1 / 35.4 %, this one 14.9 / 29.4 / 35.3 %. In one flat cache: LRU 11.4 / 28.5 / 35.5 %, GreedyDual by uses 14.2 / 29.6 %,
/// GreedyDual by uses and cost 13.6 / 27.0 %, this one 16.1 / 29.1 %; prompt computation saved at 2.6M and 10M: LRU 7.2 and 23.3 %, this one
/// 12.6 and 25.5 %. Counts have to outlive their block (<see cref="BlockHistory"/>): without that it is 12.3 % at 2.6M.
/// </remarks>
/// <param name="capacityBlocks">Blocks that pool and tiers hold together: one unit of a weight is one turnover of them all.</param>
/// <param name="blockSize">Tokens of one block.</param>
/// <param name="reuseWeight">Turnovers that each use puts eviction off by.</param>
/// <param name="costWeight">Turnovers for a block that costs infinitely more than the first of a prompt.</param>
internal sealed class EvictionPolicy(long capacityBlocks, int blockSize, double reuseWeight = 1.5, double costWeight = 1)
{
    /// <summary>Uses beyond this count no more: what was popular must be able to leave.</summary>
    private const int MaxCountedUses = 4;

    /// <summary>Position at which attending to the past costs as much as the rest of the layer, for a model of 100 M to 1 B parameters.</summary>
    private const double CostlyPosition = 4096;

    /// <summary>By last use alone.</summary>
    public static EvictionPolicy LeastRecentlyUsed(long capacityBlocks, int blockSize) => new(capacityBlocks, blockSize, 0, 0);

    /// <param name="stamp">Logical time of the last use.</param>
    /// <param name="uses">How often it was found again.</param>
    /// <param name="depth">Blocks before it.</param>
    public long PriorityOf(long stamp, int uses, int depth)
    {
        double position = (double)depth * blockSize;
        double turnovers = (reuseWeight * Math.Min(uses, MaxCountedUses)) + (costWeight * position / (position + CostlyPosition));
        return stamp + (long)(capacityBlocks * turnovers);
    }
}
