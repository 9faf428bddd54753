using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Parley.Plugins.Upload;

/// <summary>Gives a file by GET and HEAD, whole or by ranges (RFC 9110 sections 13 and 14), so that a broken download goes on.</summary>
internal sealed class FileDelivery(UploadStore store, FileArea area, TimeProvider time)
{
    /// <summary>Gives one.</summary>
    public async Task GiveAsync(HttpContext context, string key, string name)
    {
        var response = context.Response;
        var now = time.GetUtcNow();
        var file = await store.FindFileAsync(key, now.ToUnixTimeMilliseconds(), context.RequestAborted);
        if (file is null || file.Name != name || !File.Exists(area.PathOf(key)))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (type, isInline) = ServedType.Of(file.Type);
        var disposition = new ContentDispositionHeaderValue(isInline ? "inline" : "attachment");
        disposition.SetHttpFileName(file.Name);
        response.Headers.ContentDisposition = disposition.ToString();
        // It never changes, but goes.
        var left = Math.Clamp((file.Expires - now.ToUnixTimeMilliseconds()) / 1000, 0, 86400);
        response.Headers.CacheControl = "private, immutable, max-age=" + left.ToString(CultureInfo.InvariantCulture);
        var result = TypedResults.PhysicalFile(area.PathOf(key), type, fileDownloadName: null,
            DateTimeOffset.FromUnixTimeMilliseconds(file.Created), new EntityTagHeaderValue($"\"{key[..16]}\""), enableRangeProcessing: true);
        await result.ExecuteAsync(context);
    }
}
