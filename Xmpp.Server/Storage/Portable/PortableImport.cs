using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>One import: who takes which element, and what came of it.</summary>
internal sealed class PortableImport
{
    private readonly Dictionary<(string, string), (IPortableData, PortableElement)> _takers = [];
    private readonly Action<string> _tell;
    private readonly bool _goesOn;

    public PortableImport(PortableAccounts accounts, IReadOnlyList<IPortableData> data, Action<string> tell, bool goesOn)
    {
        (Accounts, _tell, _goesOn) = (accounts, tell, goesOn);
        foreach (var taker in data)
        {
            foreach (var element in taker.Elements) _takers[(element.Name, element.Namespace)] = (taker, element);
        }
    }

    public PortableAccounts Accounts { get; }

    public PortableReport Report { get; } = new();

    /// <summary>Who takes the element that begins there; null if nobody does.</summary>
    public (IPortableData Data, PortableElement Element)? TakerOf(PortableFile file) => _takers.TryGetValue((file.Reader.LocalName, file.Reader.NamespaceURI), out var taker) ? taker : null;

    /// <summary>Skips an element that nobody takes.</summary>
    public void Ignore(PortableFile file)
    {
        PortableReport.Count(Report.Ignored, $"{file.Reader.LocalName} {file.Reader.NamespaceURI}");
        file.Reader.Skip();
    }

    /// <summary>Tells a fault at the place where the file is read.</summary>
    public void Fault(PortableFile file, Jid? account, string text) => Fault(file.Path, file.Line, account, text);

    /// <summary>Tells a fault.</summary>
    /// <exception cref="StoppedException">The import ends at the first.</exception>
    public void Fault(string path, int line, Jid? account, string text)
    {
        Report.Faults++;
        _tell($"{path}{(line > 0 ? $":{line}" : "")}: {(account is null ? "" : $"{account}: ")}{text.TrimEnd('.')}.");
        if (!_goesOn) throw new StoppedException();
    }

    /// <summary>The import ends at its first fault, which was told.</summary>
    public sealed class StoppedException : Exception;
}
