using System.Buffers;

namespace CacheProxy.Forward.Upstreams;

/// <summary>
/// The key of one upstream: from the settings, an environment variable or a file that is looked at again. It is in no text that this type makes, and a file that
/// cannot be read leaves the last key in force.
/// </summary>
internal sealed class UpstreamCredential
{
    private static readonly TimeSpan FileInterval = TimeSpan.FromSeconds(5);
    private static readonly SearchValues<char> Visible = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code)]);

    private readonly string? _file;
    private readonly TimeProvider _clock;
    private long _nextLook;
    private volatile string? _key;

    private UpstreamCredential(string? key, string? file, TimeProvider clock)
    {
        _key = key;
        _file = file;
        _clock = clock;
        _nextLook = clock.GetUtcNow().Add(FileInterval).UtcTicks;
    }

    /// <summary>Null: the client's own credentials are used, or none.</summary>
    public string? Key
    {
        get
        {
            if (_file is not null && _clock.GetUtcNow().UtcTicks is var now && Volatile.Read(ref _nextLook) is var due && now >= due
                && Interlocked.CompareExchange(ref _nextLook, now + FileInterval.Ticks, due) == due
                && ReadFile(_file) is { } changed)
            {
                _key = changed;
            }

            return _key;
        }
    }

    /// <param name="fault">Why there is no key though one is named: says where, never what.</param>
    public static UpstreamCredential? Create(UpstreamOptions options, TimeProvider clock, out string? fault)
    {
        fault = null;
        string? key = null;
        string source = nameof(UpstreamOptions.ApiKey);
        if (options.ApiKey.Length > 0)
        {
            key = options.ApiKey;
        }
        else if (options.ApiKeyEnvironment.Length > 0)
        {
            source = nameof(UpstreamOptions.ApiKeyEnvironment);
            key = Environment.GetEnvironmentVariable(options.ApiKeyEnvironment)?.Trim() ?? "";
        }
        else if (options.ApiKeyFile.Length > 0)
        {
            source = nameof(UpstreamOptions.ApiKeyFile);
            key = ReadFile(options.ApiKeyFile) ?? "";
        }

        if (key is not null && !IsKey(key))
        {
            fault = key.Length == 0 ? $"{source}: there is no key where it points." : $"{source}: a key is visible ASCII characters without spaces.";
            return null;
        }

        return new UpstreamCredential(key, source == nameof(UpstreamOptions.ApiKeyFile) ? options.ApiKeyFile : null, clock);
    }

    public override string ToString() => _key is null ? "none" : "***";

    private static bool IsKey(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExcept(Visible) < 0;

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim() is var text && IsKey(text) ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
