using System.Text;
using System.Xml;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>Writes accounts with all that is theirs as one document (XEP-0227 version 1.1), piece by piece: however much it is, little of it is in memory.</summary>
public sealed class PortableExporter(IAccountAdministration accounts, ICredentialStore credentials, IEnumerable<IPortableData> own)
{
    /// <summary>Writes all accounts, or those of one domain.</summary>
    /// <param name="output">Where to; it stays open.</param>
    /// <param name="plugins">What the plugins keep.</param>
    /// <param name="domain">The domain; null for all.</param>
    /// <param name="ct">Gives up, in the middle of the document.</param>
    public async Task<PortableReport> WriteAsync(Stream output, IEnumerable<IPortableData> plugins, string? domain, CancellationToken ct)
    {
        var report = new PortableReport();
        IPortableData[] data = [.. own, .. plugins];
        // Not indented: white space inside what people wrote would come back as theirs.
        await using var writer = XmlWriter.Create(output, new XmlWriterSettings { Async = true, CloseOutput = false, Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize });
        writer.WriteStartDocument();
        writer.WriteStartElement("server-data", PortableNames.Pie);
        foreach (var host in (await accounts.ListAsync(domain, ct)).GroupBy(a => a.Domain))
        {
            Break(writer);
            writer.WriteStartElement("host", PortableNames.Pie);
            writer.WriteAttributeString("jid", host.Key);
            foreach (var account in host)
            {
                Break(writer);
                await WriteAsync(writer, account, data, report, ct);
                await writer.FlushAsync();
            }

            Break(writer);
            writer.WriteEndElement();
        }

        Break(writer);
        writer.WriteEndDocument();
        await writer.FlushAsync();
        return report;
    }

    private async Task WriteAsync(XmlWriter writer, Jid account, IPortableData[] data, PortableReport report, CancellationToken ct)
    {
        writer.WriteStartElement("user", PortableNames.Pie);
        writer.WriteAttributeString("name", account.Local!);
        foreach (var hash in ScramHash.All)
        {
            if (await credentials.FindAsync(account, hash.Name, ct) is not { } keys) continue;
            Break(writer);
            ElementXml.Write(writer, ScramElement.Make(hash, keys));
        }

        foreach (var source in data)
        {
            foreach (var element in source.Elements) await WriteAsync(writer, account, source, element, report, ct);
        }

        Break(writer);
        writer.WriteEndElement();
        report.Accounts++;
    }

    private static async Task WriteAsync(XmlWriter writer, Jid account, IPortableData source, PortableElement element, PortableReport report, CancellationToken ct)
    {
        var isOpen = false;
        await foreach (var piece in source.ExportAsync(account, element, ct))
        {
            if (element.IsList && !isOpen)
            {
                Break(writer);
                writer.WriteStartElement(element.Name, element.Namespace);
                isOpen = true;
            }

            Break(writer);
            ElementXml.Write(writer, piece);
            PortableReport.Count(report.Pieces, $"{piece.Name} {element.Namespace}");
        }

        if (!isOpen) return;
        Break(writer);
        writer.WriteEndElement();
    }

    private static void Break(XmlWriter writer) => writer.WriteWhitespace("\n");
}
