using System.Diagnostics.CodeAnalysis;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

/// <summary>Reads <see cref="RedisOptions.Url"/>.</summary>
internal static class RedisUrl
{
    private const int DefaultPort = 6379;

    // Longer than any request waits: these bound what the client does behind the guard's budget.
    private const int ConnectTimeoutMs = 2000;
    private const int CommandTimeoutMs = 1000;
    private const int KeepAliveSeconds = 10;

    /// <summary>False, with a message that names no secret, when the text is neither a URL nor the client's own form.</summary>
    public static bool TryParse(
        string url, [NotNullWhen(true)] out ConfigurationOptions? options, [NotNullWhen(false)] out string? error)
    {
        error = null;
        try
        {
            options = url.Contains("://", StringComparison.Ordinal) ? FromUri(new Uri(url)) : ConfigurationOptions.Parse(url);
            if (options.EndPoints.Count == 0)
            {
                throw new FormatException("no host given");
            }
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            options = null;
            error = exception is FormatException ? exception.Message : "not a redis:// URL nor a list of host:port";
            return false;
        }

        // Redis may be down when the proxy starts and come later.
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = ConnectTimeoutMs;
        options.SyncTimeout = CommandTimeoutMs;
        options.KeepAlive = KeepAliveSeconds;
        options.ClientName = "CacheProxy";
        return true;
    }

    private static ConfigurationOptions FromUri(Uri uri)
    {
        if (uri.Scheme is not ("redis" or "rediss"))
        {
            throw new FormatException("the scheme is neither redis nor rediss");
        }

        if (uri.Host.Length == 0)
        {
            throw new FormatException("no host given");
        }

        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss", SslHost = uri.Scheme == "rediss" ? uri.Host : null };
        options.EndPoints.Add(uri.Host, uri.IsDefaultPort ? DefaultPort : uri.Port);
        ReadPassword(options, uri.UserInfo);
        string database = uri.AbsolutePath.Trim('/');
        if (database.Length > 0)
        {
            options.DefaultDatabase = int.TryParse(database, out int number) && number >= 0
                ? number
                : throw new FormatException("the path is not the number of a database");
        }

        return options;
    }

    // The client's version sends AUTH with a password alone, so that only Redis' default user can be meant.
    private static void ReadPassword(ConfigurationOptions options, string userInfo)
    {
        if (userInfo.Length == 0)
        {
            return;
        }

        string[] parts = userInfo.Split(':', 2);
        if (parts[0] is not ("" or "default"))
        {
            throw new FormatException("a user name other than default is not supported");
        }

        options.Password = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : null;
    }
}
