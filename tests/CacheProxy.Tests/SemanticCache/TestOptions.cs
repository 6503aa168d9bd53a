using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>Options that a test sets.</summary>
internal sealed class TestOptions<T>(T value) : IOptionsMonitor<T>
{
    public T CurrentValue { get; set; } = value;

    public T Get(string? name) => CurrentValue;

    /// <summary>Tells whoever listens that the value has changed.</summary>
    public Action<T, string?>? Changed { get; set; }

    public IDisposable? OnChange(Action<T, string?> listener)
    {
        Changed += listener;
        return null;
    }
}
