using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Parley.Plugins.Upload;

/// <summary>Takes a file by PUT (XEP-0363 section 7): exactly what was announced, whole or not at all, and answers 201 once it is on the disk.</summary>
internal sealed class FileReception(UploadStore store, FileArea area, UploadUse use, IOptionsMonitor<UploadOptions> options, TimeProvider time)
{
    private const int PieceBytes = 128 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    /// <summary>Takes one.</summary>
    public async Task TakeAsync(HttpContext context, string putKey, string name)
    {
        var (request, ct, now) = (context.Request, context.RequestAborted, time.GetUtcNow());
        if (await store.FindSlotAsync(putKey, now.ToUnixTimeMilliseconds(), ct) is not { } slot || slot.Name != name)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (Refuse(request, slot) is { } refusal)
        {
            use.CountBroken();
            context.Response.StatusCode = refusal;
            return;
        }

        if (!await store.TakeSlotAsync(slot.Key, now.ToUnixTimeMilliseconds(), (now + Longest).ToUnixTimeMilliseconds(), ct))
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict; // another upload is at it
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = slot.Size;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Longest);
        var isKept = false;
        try
        {
            isKept = await KeepAsync(request, slot, over.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status408RequestTimeout;
            return;
        }
        finally
        {
            if (!isKept)
            {
                use.CountBroken();
                await store.ReturnSlotAsync(slot);
            }
        }

        if (isKept) use.CountReceived();
        context.Response.StatusCode = isKept ? StatusCodes.Status201Created : StatusCodes.Status400BadRequest;
    }

    private static int? Refuse(HttpRequest request, StoredFile slot)
    {
        if (request.ContentLength is not { } length) return StatusCodes.Status411LengthRequired;
        if (length != slot.Size) return length > slot.Size ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
        if (request.ContentType is not { Length: > 0 } type) return null;
        if (!SlotRequest.IsType(type)) return StatusCodes.Status415UnsupportedMediaType;
        return slot.Type is null || MediaOf(slot.Type) == MediaOf(type) ? null : StatusCodes.Status415UnsupportedMediaType;
    }

    private async Task<bool> KeepAsync(HttpRequest request, StoredFile slot, CancellationToken ct)
    {
        var file = area.Create(out var arrived);
        try
        {
            await using (file)
            {
                if (!await CopyAsync(request, file, slot.Size, ct)) return false;
                file.Flush(flushToDisk: true);
            }

            area.Keep(arrived, slot.Key);
        }
        finally
        {
            File.Delete(arrived); // of a whole one nothing is left there
        }

        return await CompleteAsync(request, slot);
    }

    private async Task<bool> CompleteAsync(HttpRequest request, StoredFile slot)
    {
        var isKept = false;
        try
        {
            var expires = (time.GetUtcNow() + options.CurrentValue.Lifetime).ToUnixTimeMilliseconds();
            isKept = await store.CompleteAsync(slot.Key, slot.Type ?? (request.ContentType is { Length: > 0 } type ? type : null), Math.Min(expires, slot.LastsUntil ?? long.MaxValue));
        }
        finally
        {
            if (!isKept) area.Delete(slot.Key);
        }

        return isKept;
    }

    private static async Task<bool> CopyAsync(HttpRequest request, FileStream file, long size, CancellationToken ct)
    {
        var buffer = new byte[(int)Math.Min(PieceBytes, size)];
        long total = 0;
        int filled;
        while ((filled = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct)) > 0)
        {
            total += filled;
            if (total > size) return false;
            await file.WriteAsync(buffer.AsMemory(0, filled), ct);
        }

        return total == size;
    }

    private static string? MediaOf(string type) => MediaTypeHeaderValue.TryParse(type, out var parsed) ? parsed.MediaType?.ToLowerInvariant() : null;
}
