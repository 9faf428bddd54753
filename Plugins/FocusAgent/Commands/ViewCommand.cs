using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.AdHoc;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Commands;

/// <summary>The ad-hoc command "Choose what you see" (XEP-0050) of every room, for whoever is in its call with a client that takes one picture only.</summary>
public sealed class ViewCommand(ViewDesk views) : IIqHandler
{
    /// <summary>The command's node.</summary>
    public const string Node = "urn:parley:view:0#choose";

    private const int MaxSessionId = 256;

    /// <summary>Its name; null for another node, or an address that is no room's.</summary>
    public static string? NameOf(string? node, Jid address) => node == Node && address.Local is not null ? "Choose what you see in this call" : null;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var session = iq.Payload["sessionid"] is { Length: > 0 and <= MaxSessionId } given ? given : Ids.New();
        switch (AdHocCommand.Read(iq.Payload))
        {
            case (AdHocCommand.Step.Cancel, _):
                return iq.Result(AdHocCommand.Canceled(Node, session));
            case (AdHocCommand.Step.Begin, _):
                return await views.AskAsync(iq.To.Bare, iq.From, ct) is { } now ? iq.Result(AdHocCommand.Ask(Node, session, Form(now))) : Absent(iq);
            case (AdHocCommand.Step.Submit, { } form):
                if (ViewDesk.Read(form.Value("picture") ?? "") is not { } picture) return iq.Error(AdHocCommand.Fault(AdHocCommand.Step.BadPayload));
                return await views.ChooseAsync(iq.To.Bare, iq.From, picture, ct) switch
                {
                    ViewResult.Done => iq.Result(AdHocCommand.Completed(Node, session, null, ViewDesk.Sentence(ViewResult.Done, picture))),
                    ViewResult.Absent => Absent(iq),
                    var result => iq.Error(StanzaCondition.FeatureNotImplemented, ViewDesk.Sentence(result, picture)),
                };
            case var (fault, _):
                return iq.Error(AdHocCommand.Fault(fault));
        }
    }

    private static IqReply Absent(IqRequest iq) => iq.Error(StanzaCondition.ItemNotFound, ViewDesk.Sentence(ViewResult.Absent, default));

    private static DataForm Form(MixedVideo now) => new DataForm("form", Node) { Title = "What you see" }
        .Add(new FormField("picture", "list-single", [ViewDesk.Write(now)]) { Label = "Picture", Options = [("Whoever speaks", ViewDesk.Speaker), ("Everybody, in one picture", ViewDesk.Everybody)] });
}
