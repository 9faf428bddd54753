using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>Keeps reports and tells those who look after them. They leave this server only for the addresses that the operator named.</summary>
internal sealed class Reports(BlockStore store, IStanzaRouter router, IOptionsMonitor<BlockingOptions> options, TimeProvider time, ILogger<Reports> log)
{
    private long _taken;

    /// <summary>How many were taken since the start.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes one.</summary>
    public async ValueTask TakeAsync(Jid account, Jid reported, Report report, CancellationToken ct)
    {
        if (!await store.AddAsync(account, reported, report, options.CurrentValue.ReportsPerDay, time.GetUtcNow(), ct))
        {
            log.LogInformation("A report of an account that has made many today was left out");
            return;
        }

        Interlocked.Increment(ref _taken);
        foreach (var to in options.CurrentValue.ReportsTo) await router.RouteAsync(Notice(account, Jid.Parse(to), reported, report), ct);
    }

    private static Message Notice(Jid account, Jid to, Jid reported, Report report)
    {
        var payload = new Element("report", Report.Namespace).Attr("reason", report.Reason);
        if (report.Text.Length > 0) payload.Add("text", t => t.Text(report.Text));
        var words = $"{account} reports {reported}: {report.Reason[(report.Reason.LastIndexOf(':') + 1)..]}.{(report.Text.Length > 0 ? "\n" + report.Text : "")}"
            + (report.StanzaIds.Count > 0 ? "\nMessages: " + string.Join(' ', report.StanzaIds) : "");
        return new Message(new Element("message", Ns.Client).Attr("from", account.Domain).Attr("to", to.ToString()).Attr("type", "normal")
            .Add("subject", s => s.Text("Report")).Add("body", b => b.Text(words)).Add(payload));
    }
}
