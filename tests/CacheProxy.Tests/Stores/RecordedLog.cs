using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores;

/// <summary>Keeps every line that a subject logs.</summary>
internal sealed class RecordedLog<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public (LogLevel Level, string Text)[] Lines => [.. _lines];

    public LogLevel[] Levels => [.. _lines.Select(line => line.Level)];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _lines.Enqueue((logLevel, formatter(state, exception)));
}
