using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.Pipeline.Configuration;

/// <summary>One section's options, replaced whole when the configuration changes; a change that is not valid is logged and leaves them as they were.</summary>
public sealed partial class LastGoodOptions<T> : IOptionsMonitor<T>, IOptions<T>, IDisposable where T : class, new()
{
    private readonly IConfiguration _configuration;
    private readonly string _section;
    private readonly IReadOnlyList<IValidateOptions<T>> _validators;
    private readonly ILogger _logger;
    private readonly IDisposable _subscription;
    private volatile T _current;
    private Action<T, string?>? _listeners;

    /// <exception cref="ConfigurationException">The section is not valid at the start.</exception>
    public LastGoodOptions(IConfiguration configuration, string section, IReadOnlyList<IValidateOptions<T>> validators, ILogger logger)
    {
        _configuration = configuration;
        _section = section;
        _validators = validators;
        _logger = logger;
        var faults = new List<string>();
        _current = SectionBinder.Bind(configuration, section, faults, validators);
        if (faults.Count > 0)
        {
            throw new ConfigurationException(faults);
        }

        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public T CurrentValue => _current;

    T IOptions<T>.Value => _current;

    public T Get(string? name) => _current;

    public IDisposable OnChange(Action<T, string?> listener)
    {
        _listeners += listener;
        return new Unsubscriber(() => _listeners -= listener);
    }

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        var faults = new List<string>();
        T next = SectionBinder.Bind(_configuration, _section, faults, _validators);
        if (faults.Count > 0)
        {
            Log.Rejected(_logger, _section, string.Join(" ", faults));
            return;
        }

        _current = next;
        _listeners?.Invoke(next, null);
    }

    private sealed class Unsubscriber(Action unsubscribe) : IDisposable
    {
        public void Dispose() => unsubscribe();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The changed section {Section} is not used, the last good one stays: {Faults}", EventName = "SectionRejected")]
        public static partial void Rejected(ILogger logger, string section, string faults);
    }
}
