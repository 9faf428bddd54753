using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Caps;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>
/// A call room as a contact: whoever may call it may subscribe to it, and sees it available with what it can do (XEP-0115), whether or not anybody is in it. That is what makes
/// clients show their call button (docs/legs/mixed.md).
/// </summary>
public sealed class RoomContact(FocusServices services)
{
    private const string Node = "urn:parley:calls";

    private static readonly string[] Always =
    [
        Ns.Jingle, Ns.JingleRtp, Ns.JingleIceUdp, Ns.JingleDtls, Ns.JingleRtcpFb, Ns.JingleRtpHdrExt, Ns.JingleSsma, Ns.JingleGrouping, Ns.Coin, Ns.AvConferences, Ns.JingleMessage, Ns.Caps, ModerationNames.Namespace,
        // What the server adds to every answer, as there are handlers for it: presence must hash to the whole of it, or clients throw the hash away (XEP-0115 section 5.4).
        ReservationNames.Commands, ReservationNames.Namespace, RecordingNames.Namespace,
    ];

    private static readonly (DiscoInfo Info, string Version) Plain = Make([]), Mixing = Make([Ns.JingleRtpAudio, Ns.JingleRtpVideo]), MixingRaw = Make([Ns.JingleRtpAudio, Ns.JingleRtpVideo, Ns.JingleRawUdp]);

    /// <summary>What a room answers to disco#info. Nothing of whether anybody is there: whoever may enter learns it by entering.</summary>
    public DiscoInfo Info => Now.Info;

    private (DiscoInfo Info, string Version) Now => services.Relay?.Capabilities.HasMixer != true ? Plain : services.Options.RawUdp.Enabled ? MixingRaw : Mixing;

    /// <summary>Whether a node of disco#info is the one that presence names.</summary>
    public bool IsNode(string node) => node == $"{Node}#{Now.Version}";

    /// <summary>Answers presence that was sent to a room (RFC 6121 sections 3 and 4).</summary>
    public IEnumerable<Presence> Answer(Presence presence, SenderKind kind)
    {
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, kind, isHosted: false)) return presence.Type == "subscribe" ? [Make(presence, "unsubscribed")] : [];
        return presence.Type switch
        {
            "subscribe" => [Make(presence, "subscribed"), Available(presence)],
            "probe" => [Available(presence)],
            // Section 3.3.3: whoever no longer wants to know sees it leave.
            "unsubscribe" => [Unavailable(presence)],
            _ => [],
        };
    }

    private Presence Available(Presence to) => new(Element(null, to.To!.Bare.WithResource(JmiDoor.Resource).ToString(), to.From!.ToString()).Add(EntityCapabilities.ToElement(Node, Now.Version)));

    private static Presence Unavailable(Presence to) => new(Element("unavailable", to.To!.Bare.WithResource(JmiDoor.Resource).ToString(), to.From!.Bare.ToString()));

    private static Presence Make(Presence to, string type) => new(Element(type, to.To!.Bare.ToString(), to.From!.Bare.ToString()));

    private static Element Element(string? type, string from, string to) => new Element("presence", Ns.Client).Attr("type", type).Attr("from", from).Attr("to", to);

    private static (DiscoInfo Info, string Version) Make(string[] more)
    {
        var info = new DiscoInfo([new DiscoIdentity("conference", "audio-video")], [.. Always, .. more]);
        return (info, EntityCapabilities.Version(info.ToElement()));
    }
}
