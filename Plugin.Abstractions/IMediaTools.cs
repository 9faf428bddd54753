using System.Net;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// Media tools in call rooms, contributed by the plugin that serves them: ffmpeg, GStreamer and other programs without XMPP, which send and take plain RTP on trusted networks.
/// </summary>
public interface IMediaTools
{
    /// <summary>The tools that are connected.</summary>
    IReadOnlyList<MediaTool> List();

    /// <summary>Brings a tool into a room, which begins where nobody is there yet.</summary>
    ValueTask<MediaToolConnection> ConnectAsync(MediaToolRequest request, CancellationToken ct = default);

    /// <summary>Takes a tool out of its room; false if there is none of that id.</summary>
    ValueTask<bool> DisconnectAsync(string id, CancellationToken ct = default);
}

/// <summary>A connected tool.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Room">The room's bare address.</param>
/// <param name="Name">The name that the others see.</param>
/// <param name="IsConnected">Whether media flow.</param>
public sealed record MediaTool(string Id, Jid Room, string Name, bool IsConnected);

/// <summary>Which way media go, as the tool sees it (RFC 3264 section 5.1).</summary>
public enum MediaToolDirection
{
    /// <summary>Both.</summary>
    SendReceive,
    /// <summary>It sends only.</summary>
    SendOnly,
    /// <summary>It receives only.</summary>
    ReceiveOnly,
}

/// <summary>Audio or video of a tool.</summary>
/// <param name="Port">The UDP port at which it takes RTP.</param>
/// <param name="Codec">The codec's name, such as <c>opus</c>, <c>PCMU</c> or <c>VP8</c>.</param>
/// <param name="PayloadType">The payload type; null for the usual one.</param>
/// <param name="Direction">Which way it goes.</param>
/// <param name="HasRtcpMux">RTCP comes and goes on the port of RTP (RFC 5761), instead of the next.</param>
public sealed record MediaToolStream(int Port, string Codec, int? PayloadType = null, MediaToolDirection Direction = MediaToolDirection.SendReceive, bool HasRtcpMux = false);

/// <summary>A tool that is to be connected.</summary>
/// <param name="Room">The room's address.</param>
/// <param name="Name">The name that the others see; empty for a usual one.</param>
/// <param name="Address">The tool's address.</param>
/// <param name="Audio">Its audio; null for none.</param>
/// <param name="Video">Its video; null for none.</param>
public sealed record MediaToolRequest(Jid Room, string Name, IPAddress Address, MediaToolStream? Audio, MediaToolStream? Video);

/// <summary>What came of it.</summary>
public enum MediaToolResult
{
    /// <summary>It is in the room.</summary>
    Done,
    /// <summary>Media without encryption are off (<c>Plugins:FocusAgent:RawUdp:Enabled</c>), or nothing carries media.</summary>
    Off,
    /// <summary>The address is no room's.</summary>
    NoRoom,
    /// <summary>The tool's address is in no network that is allowed.</summary>
    NotAllowed,
    /// <summary>A port, codec or payload type is none that can be used.</summary>
    Impossible,
    /// <summary>There are as many participants, tools or ports as there may be.</summary>
    TooMany,
}

/// <summary>The answer to whoever connects a tool.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="Text">Done: an SDP of what the tool receives, which says in <c>i=</c> lines where it is to send. Else a sentence that says why not.</param>
/// <param name="Id">The tool's id; null unless it is done.</param>
public sealed record MediaToolConnection(MediaToolResult Result, string Text, string? Id = null);
