using System.Buffers;
using System.IO.Pipelines;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Net.Http.Headers;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Reads a request's JSON body whole. The cap is Kestrel's, which answers before the first byte is read where the length is announced.</summary>
internal static class JsonBody
{
    public delegate bool Parser<T>(ReadOnlyMemory<byte> body, out T? request, out RequestError? error);

    /// <exception cref="RequestErrorException">The body is no JSON request.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, Parser<T> parse)
    {
        CheckMediaType(context.Request);
        PipeReader reader = context.Request.BodyReader;
        ReadResult result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
        while (!result.IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
        }

        // Parsed in place: most requests fit in one block of the pipe.
        ReadOnlyMemory<byte> body = result.Buffer.IsSingleSegment ? result.Buffer.First : result.Buffer.ToArray();
        bool isGood = parse(body, out T? request, out RequestError? error);
        reader.AdvanceTo(result.Buffer.End);
        return isGood ? request! : throw new RequestErrorException(error!);
    }

    private static void CheckMediaType(HttpRequest request)
    {
        bool isJson = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (!isJson)
        {
            throw new RequestErrorException(RequestError.UnsupportedMediaType(request.ContentType));
        }

        string? encoding = request.Headers.ContentEncoding;
        if (!string.IsNullOrEmpty(encoding) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new RequestErrorException(
                new RequestError($"Unsupported content encoding '{encoding}': send the body uncompressed.", null, "unsupported_content_encoding", 415));
        }
    }
}
