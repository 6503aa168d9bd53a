namespace CacheProxy.Inference.Server.Models;

/// <summary>Whether the server wants requests: loading, ready, stopping or failed.</summary>
internal sealed class Readiness
{
    private volatile bool _isWarm;
    private volatile bool _isDraining;
    private volatile string? _failure;

    public bool IsReady => _isWarm && !_isDraining && _failure is null;

    public bool IsDraining => _isDraining;

    /// <summary>Why the models could not be loaded; null: they could, or may yet.</summary>
    public string? Failure => _failure;

    public void SetWarm() => _isWarm = true;

    public void SetDraining() => _isDraining = true;

    public void SetFailed(string reason) => _failure = reason;
}
