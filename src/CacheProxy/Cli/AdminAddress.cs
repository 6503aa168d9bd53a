using System.CommandLine;

namespace CacheProxy.Cli;

/// <summary>Where the proxy is and with which key: from the options, else from the environment, else this machine's.</summary>
internal sealed class AdminAddress
{
    private const string UrlVariable = "CACHEPROXY_ADMIN_URL";
    private const string KeyVariable = "CACHEPROXY_ADMIN_KEY";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    private readonly Option<string?> _url = new("--url") { Description = $"Address of the proxy. Default: {UrlVariable}, else {DefaultUrl}.", HelpName = "URL" };

    private readonly Option<string?> _key = new("--key") { Description = $"Its Admin:Key. Default: {KeyVariable}.", HelpName = "KEY" };

    public static AdminAddress AddTo(Command verb)
    {
        var address = new AdminAddress();
        verb.Options.Add(address._url);
        verb.Options.Add(address._key);
        return address;
    }

    /// <exception cref="CliException">The address cannot be read.</exception>
    public AdminClient Connect(ParseResult parsed)
    {
        string url = parsed.GetValue(_url) ?? Environment.GetEnvironmentVariable(UrlVariable) ?? DefaultUrl;
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? new AdminClient(address!, parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable))
            : throw new CliException($"{url} is no http:// or https:// address.");
    }
}
