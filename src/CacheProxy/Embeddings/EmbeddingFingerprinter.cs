using System.Security.Cryptography;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using CacheProxy.Fingerprint;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Embeddings;

/// <summary>
/// Gives each input of an embedding request its identity, in two steps of HMAC-SHA256, both keyed with the installation's secret:
/// <code>
/// request = hash(canonical fields but input, encoding_format, model and user | what Fingerprinter appends | domain:1)
/// input   = hash(request:32 | 's' length:4 utf8)  or  hash(request:32 | 't' count:4 (length:4 number)*)
/// </code>
/// so that one input has one identity alone, in any batch, in either encoding.
/// </summary>
internal sealed class EmbeddingFingerprinter(InstallationSecret secret, ScopeResolver scopes, IUpstreamDirectory upstreams, INamespaceEpochs epochs)
{
    // Apart from the domains of Fingerprinter: no chat entry can ever stand at an input's place.
    private const byte Domain = 3;

    [ThreadStatic]
    private static EmbeddingRequestReader? s_reader;

    /// <summary>Sets the request's facts and route.</summary>
    /// <param name="error">Not null: nobody could answer it.</param>
    /// <returns>Null: the cache does not understand the request; it is for the upstream to judge.</returns>
    public EmbeddingBatch? Read(ExchangeFeature exchange, ExactOptions options, int maxInputs, out RequestError? error)
    {
        EmbeddingRequestReader reader = s_reader ??= new EmbeddingRequestReader();
        error = reader.Read(exchange.Body.Span);
        if (error is not null)
        {
            return null;
        }

        exchange.Facts = new RequestFacts { Model = reader.Model, User = reader.User };
        exchange.Route = upstreams.Find(reader.Model, exchange.Dialect);
        if (exchange.Route is null)
        {
            error = upstreams.Refuse(reader.Model, exchange.Dialect);
            return null;
        }

        if (!reader.IsCacheable || reader.Inputs.Count > maxInputs)
        {
            return null;
        }

        string user = scopes.IsPerUser ? reader.User ?? "" : "";
        Fingerprinter.AppendContext(reader.Parameters, exchange, options.Epoch, epochs.Of(exchange.Namespace), (byte)(exchange.Dialect + 1));
        Fingerprinter.WriteText(reader.Parameters, user);
        Fingerprinter.AppendModel(reader.Parameters, exchange.Route, reader.Model);
        reader.Parameters.WriteByte(Domain);
        return Identify(reader);
    }

    private EmbeddingBatch Identify(EmbeddingRequestReader reader)
    {
        Span<byte> request = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(reader.Parameters.Written, request);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Bytes);
        Span<byte> input = stackalloc byte[Fingerprint256.SizeBytes];
        int count = reader.Inputs.Count;
        var places = new Dictionary<Fingerprint256, int>(count);
        var fingerprints = new List<Fingerprint256>(count);
        var first = new List<int>(count);
        int[] distinct = new int[count];
        for (int i = 0; i < count; i++)
        {
            hash.AppendData(request);
            hash.AppendData(reader.InputBytes.Written[(i == 0 ? 0 : reader.EndOf(i - 1))..reader.EndOf(i)]);
            hash.GetHashAndReset(input);
            var fingerprint = new Fingerprint256(input);
            if (places.TryAdd(fingerprint, fingerprints.Count))
            {
                fingerprints.Add(fingerprint);
                first.Add(i);
            }

            distinct[i] = places[fingerprint];
        }

        return new EmbeddingBatch
        {
            Model = reader.Model,
            IsBase64 = reader.IsBase64,
            Dimensions = reader.Dimensions,
            InputStart = reader.InputStart,
            InputEnd = reader.InputEnd,
            Inputs = [.. reader.Inputs],
            Fingerprints = [.. fingerprints],
            Distinct = distinct,
            First = [.. first],
        };
    }
}
