using System.Globalization;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>Audio or video of a tool, as it was asked for and can be had.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Wish">What was asked for.</param>
/// <param name="Payload">The payload type, both ways.</param>
public sealed record ToolStream(MediaKind Kind, MediaToolStream Wish, PayloadType Payload)
{
    /// <summary>The transport's id.</summary>
    public string TransportId => Kind == MediaKind.Audio ? "audio" : "video";

    /// <summary>Whether the tool sends.</summary>
    public bool Sends => Wish.Direction != MediaToolDirection.ReceiveOnly;

    /// <summary>Whether it receives.</summary>
    public bool Receives => Wish.Direction != MediaToolDirection.SendOnly;

    /// <summary>Finds the terms of a wish; null with what is wrong.</summary>
    public static ToolStream? Read(MediaKind kind, MediaToolStream wish, RelayCapabilities capabilities, out string fault)
    {
        fault = "";
        var known = capabilities.Codecs.Where(c => c.Kind == kind).ToList();
        if (known.Find(c => c.Codec.Equals(wish.Codec, StringComparison.OrdinalIgnoreCase)) is not { } codec) fault = $"{Short(wish.Codec)} is no codec of {kind}: there is {string.Join(", ", known.Select(c => c.Codec).Distinct())}.";
        else if (wish.Port is < 1024 or > 65534 || (!wish.HasRtcpMux && wish.Port % 2 != 0)) fault = $"A port must be 1024 to 65534, and an even one unless RTCP is on the same (RFC 3550 section 11): {wish.Port} is not.";
        else if (wish.PayloadType is < 0 or > 127 or (>= 72 and <= 76)) fault = string.Create(CultureInfo.InvariantCulture, $"A payload type must be 0 to 127 without 72 to 76 (RFC 3551 section 6): {wish.PayloadType} is not.");
        else if (wish.PayloadType is { } number && number is 0 or 8 or 9 && number != codec.Number) fault = $"The payload type {wish.PayloadType} belongs to another codec (RFC 3551 table 4).";
        // A tool cannot repeat what is lost under a number of its own; a keyframe it may make, and may ask for one.
        else return new ToolStream(kind, wish, codec with { Number = wish.PayloadType ?? codec.Number, RtxNumber = null, Feedback = [.. codec.Feedback.Where(f => f is "nack pli")] });
        return null;
    }

    private static string Short(string text) => text.Length > 32 ? text[..32] : text;
}
