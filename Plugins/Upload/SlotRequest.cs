using System.Globalization;
using System.Net.Http.Headers;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Upload;

/// <summary>What a client asks a slot for (XEP-0363 section 4).</summary>
/// <param name="Name">The file's name: no path, no control characters, nothing that turns it round.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Type">Its media type as announced; null if it was not.</param>
/// <param name="Before">When it must be gone (section 5.3); null: whenever this server does away with it.</param>
internal sealed record SlotRequest(string Name, long Size, string? Type, DateTimeOffset? Before)
{
    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:xmpp:http:upload:0";

    /// <summary>The namespace of purposes (section 5).</summary>
    public const string Purposes = "urn:xmpp:http:upload:purpose:0";

    private const int MaxName = 255, MaxType = 127;

    /// <summary>Reads one; null, with the reason for people, if it is none.</summary>
    public static SlotRequest? Read(Element request, out string fault)
    {
        fault = "The file needs a name of at most 255 characters, without slashes and characters that are not seen.";
        if (request["filename"] is not { } name || !IsName(name)) return null;
        fault = "The size must be a number of bytes, at least 1.";
        if (!long.TryParse(request["size"], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size < 1) return null;
        fault = "The content type is none.";
        var type = request["content-type"] is { Length: > 0 } t ? t : null;
        if (type is not null && !IsType(type)) return null;
        fault = "An ephemeral file needs the time before which it expires.";
        DateTimeOffset? before = null;
        if (request.Child("ephemeral", Purposes) is { } ephemeral)
        {
            if (!DateTimeOffset.TryParse(ephemeral["expire-before"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
            before = time;
        }

        return new SlotRequest(name, size, type, before);
    }

    /// <summary>Whether a text is a media type (RFC 9110 section 8.3.1) of a reasonable length.</summary>
    public static bool IsType(string type) => type.Length <= MaxType && MediaTypeHeaderValue.TryParse(type, out var parsed) && parsed.MediaType is not null;

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name is not ("." or "..") && !name.Any(c => char.IsControl(c) || TurnsRound(c) || c is '/' or '\\' || char.IsSurrogate(c) && !IsWhole(name));

    // Line ends of Unicode, and what shows the text behind it backwards, so that "exe" seems to be "pdf" (UAX #9, sections 2.1 to 2.5). Marks that only say how a letter is written stay.
    private static bool TurnsRound(char c) => c is >= '\u2028' and <= '\u202E' or >= '\u2066' and <= '\u2069';

    // A surrogate alone is no character, and no URL can carry it.
    private static bool IsWhole(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsSurrogate(name[i])) continue;
            if (!char.IsHighSurrogate(name[i]) || i + 1 == name.Length || !char.IsLowSurrogate(name[i + 1])) return false;
            i++;
        }

        return true;
    }
}
