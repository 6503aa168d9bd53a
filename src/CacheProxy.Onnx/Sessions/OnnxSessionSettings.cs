namespace CacheProxy.Onnx.Sessions;

/// <summary>How sessions are made.</summary>
public sealed record OnnxSessionSettings
{
    /// <summary>Wanted provider. Default CPU.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>CUDA device number. Default 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>Threads inside one operator; 0, the default, means one per processor.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Idle threads spin for work instead of sleeping. Default off: it wins a little latency on a machine of its own and burns cores on any other.</summary>
    public bool AllowSpinning { get; init; }
}
