using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CacheProxy.Entry;
using CacheProxy.Pipeline.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheProxy.Pipeline;

/// <summary>Gives the web server what section <c>Server</c> says of connections.</summary>
internal static class ServerSettings
{
    /// <exception cref="ConfigurationException">The certificate cannot be used, or an address needs one.</exception>
    public static void Apply(IWebHostBuilder host, ServerOptions server)
    {
        X509Certificate2? certificate = LoadCertificate(server);
        if (certificate is not null)
        {
            host.UseKestrelHttpsConfiguration();
        }

        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Entry has its own cap, with an answer in the provider's shape; what passes through is not held in memory.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(server.HeaderTimeoutSeconds);
            kestrel.Limits.MinRequestBodyDataRate = server.MinBodyBytesPerSecond > 0
                ? new MinDataRate(server.MinBodyBytesPerSecond, TimeSpan.FromSeconds(server.BodyGraceSeconds))
                : null;
            // Without TLS an address speaks one version: asked for both, Kestrel warns at every start and takes HTTP/1.1.
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = (certificate, server.Http2Only) switch
            {
                ({ }, _) => HttpProtocols.Http1AndHttp2,
                (null, true) => HttpProtocols.Http2,
                (null, false) => HttpProtocols.Http1,
            });
            if (certificate is not null)
            {
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate);
            }
        });
    }

    private static X509Certificate2? LoadCertificate(ServerOptions server)
    {
        if (server.CertificatePath.Length == 0)
        {
            return server.Url.Contains("https://", StringComparison.OrdinalIgnoreCase)
                ? throw new ConfigurationException(["Server:CertificatePath is needed for an address of https://: a PEM file."])
                : null;
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(server.CertificatePath, server.CertificateKeyPath.Length > 0 ? server.CertificateKeyPath : null);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"Server:CertificatePath and Server:CertificateKeyPath do not give a certificate with its key: {exception.Message}"]);
        }
    }
}
