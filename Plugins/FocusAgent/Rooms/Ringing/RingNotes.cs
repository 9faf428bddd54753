using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>Tells whoever had somebody called what comes of it: a headline, which clients show and nobody stores, with an element for programs.</summary>
public static class RingNotes
{
    /// <summary>The namespace of <c>call</c>, and of the command.</summary>
    public const string Namespace = "urn:parley:call-out:0";

    /// <summary>The note of a state.</summary>
    public static Message Tell(Jid focus, Ring ring) => new(new Element("message", Ns.Client).Attr("type", "headline").Attr("from", focus.ToString()).Attr("to", ring.Asker.ToString())
        .Add("body", b => b.Text(ring.State.Sentence(ring.Callee.ToString()))).Add(Write(ring.Callee, ring.State)));

    /// <summary>The element for programs.</summary>
    public static Element Write(Jid callee, RingState state) => new Element("call", Namespace).Attr("jid", callee.ToString()).Attr("state", state.Word());
}
