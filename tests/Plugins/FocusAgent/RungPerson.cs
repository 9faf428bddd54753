using Parley.Media.Control;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A client of somebody whom a room calls, scripted.</summary>
internal sealed class RungPerson(CallLab lab, string jid)
{
    public static readonly string[] Plain = [Ns.JingleRtp, Ns.JingleRtpAudio, Ns.JingleRtpVideo, Ns.JingleIceUdp, Ns.JingleDtls];

    public Client Client { get; } = new(lab, jid, Client.RoomAddress + "/focus");

    public Jid Bare => Client.Jid.Bare;

    /// <summary>Everything of calls by message that came to any of their clients.</summary>
    public IReadOnlyList<Element> Said => [.. lab.Sent.OfType<Message>().Where(m => m.To!.Bare == Bare).Select(m => m.Element.Children.FirstOrDefault(c => c.Namespace == Ns.JingleMessage)).OfType<Element>()];

    public Element Proposal => Said.Single(s => s.Name == "propose");

    public string Id => Proposal["id"]!;

    public JingleMessage Initiate => Client.Of(JingleAction.SessionInitiate).Single();

    public EndpointSpec Endpoint => lab.Relay.Endpoints.Single(e => e.Transports.Any(t => t.IceRole == IceRole.Controlling));

    public Task SayAsync(string what, string? id = null) => lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", Client.Jid.ToString()).Attr("to", Client.RoomAddress + "/focus")
        .Add(new Element(what, Ns.JingleMessage).Attr("id", id ?? Id))));

    /// <summary>The answer of a client that takes everything as it was offered, with transports of its own where the offer has several.</summary>
    public JingleMessage Accept(string setup = "active", bool isBundled = false) => new(JingleAction.SessionAccept, Initiate.Sid)
    {
        Contents = [.. Initiate.Contents.Select(c => c with { Description = c.Description! with { Sources = [], SourceGroups = [], Payloads = [c.Description.Payloads[0]] }, Transport = Transport(isBundled ? "b" : c.Name, setup) })],
        Groups = isBundled ? Initiate.Groups : [],
    };

    public IceUdpTransport Transport(string name, string setup) => new()
    {
        Ufrag = $"{Client.Jid.Local}{name}",
        Password = "0123456789012345678901",
        Fingerprints = [new JingleFingerprint("sha-256", string.Join(':', Enumerable.Repeat("AB", 32)), setup)],
    };

    public async Task ConnectAsync()
    {
        foreach (var transport in Endpoint.Transports) await lab.TellAsync(new TransportConnected(lab.Relay.Epoch, lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport.Id));
    }
}
