namespace CacheProxy.Inference.Graph;

/// <summary>What the graph of a device reads besides <see cref="ModelGraph.LogitRows"/>; token rows are looked up inside, so that only ids travel.</summary>
internal static class DeviceInputs
{
    /// <summary>[T] int64.</summary>
    public const string Tokens = "tokens";

    /// <summary>[B + 1] int32: first packed row of each sequence, then the number of rows.</summary>
    public const string CumulativeLengths = "cumulative_lengths";

    /// <summary>[B] int32: tokens of each sequence that are in the pool.</summary>
    public const string PastLengths = "past_lengths";

    /// <summary>[B, W] int32.</summary>
    public const string BlockTable = "block_table";

    /// <summary>[T] int32: where each token's key and value go, block * block size + place; -1: nowhere.</summary>
    public const string Slots = "slots";

    /// <summary>[2] int32 in host memory: no sequence has more tokens in this step, nor in all.</summary>
    public const string Bounds = "bounds";

    /// <summary>[blocks, block size, key heads, head size], updated in place: bound as <see cref="KeysOut"/> too.</summary>
    public static string Keys(int layer) => $"keys.{layer}";

    /// <inheritdoc cref="Keys"/>
    public static string Values(int layer) => $"values.{layer}";

    public static string KeysOut(int layer) => $"keys_out.{layer}";

    public static string ValuesOut(int layer) => $"values_out.{layer}";
}
