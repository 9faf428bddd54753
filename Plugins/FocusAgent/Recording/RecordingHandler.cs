using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Recordings by one IQ each, for programs and the call page: <c>record</c> with <c>action</c> start or stop, and <c>recordings</c>, both to a room.</summary>
public sealed class RecordingHandler(RecordingDesk desk) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.To.Local is null) return iq.Error(StanzaCondition.ItemNotFound);
        var room = iq.To.Bare;
        if (iq.Payload.Name == "record")
        {
            if (iq.Payload["action"] is not ("start" or "stop")) return iq.Error(StanzaCondition.BadRequest, "'action' is start or stop");
            if (!TryReadMix(iq.Payload["mix"], out var mix)) return iq.Error(StanzaCondition.BadRequest, "'mix' is none, sound or picture");
            return await desk.RunAsync(room, iq.Payload["action"] == "start", iq.From, iq.Sender.Kind, ct, mix) is { } error ? iq.Error(error) : iq.Result();
        }

        if (await desk.SinceAsync(room, iq.From, iq.Sender.Kind, ct) is not { } since) return iq.Error(StanzaCondition.Forbidden, "Only moderators may have a room's recordings.");
        return iq.Result(new Element("recordings", RecordingNames.Namespace).Attr("href", desk.Link(room, since))
            .Add(desk.List(room, since).Select(r => new Element("recording", RecordingNames.Namespace).Attr("id", r.Id).Attr("start", Write(r.Start)).Attr("end", r.End is { } end ? Write(end) : null)
                .Attr("bytes", r.Bytes.ToString(CultureInfo.InvariantCulture)))));
    }

    private static bool TryReadMix(string? text, out RecordedMix? mix)
    {
        mix = text switch { "none" => RecordedMix.None, "sound" => RecordedMix.Sound, "picture" => RecordedMix.Picture, _ => null };
        return text is null || mix is not null;
    }

    /// <summary>A time by XEP-0082.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
