import { useCollection } from "@cloudscape-design/collection-hooks";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useMemo } from "react";
import { errorText } from "../lib/text";
import { Stale } from "./details";

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What is sorted by; a text is searched in too, as is one that the cell shows. */
  value?: (item: T) => string | number | undefined;
  minWidth?: number;
}

/** Rows that a page has already, as a query of them. */
export const known = <T,>(rows: T[] | undefined) => ({ data: rows ?? [], error: null, isPending: false });

interface Props<T> {
  /** What the rows are, as `services`. */
  noun: string;
  title: string;
  columns: Column<T>[];
  query: { data: T[] | undefined; error: Error | null; isPending: boolean };
  rowKey: (item: T) => string;
  /** What to do first where there is no row. */
  empty: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
  description?: ReactNode;
  /** The row that is chosen, by its key, and who hears of another choice. */
  selected?: string | null;
  onSelect?: (key: string | null) => void;
  /** Rows that are chosen where several can be, and who hears of other choices. */
  selectedMany?: ReadonlySet<string>;
  onSelectMany?: (keys: ReadonlySet<string>) => void;
  sortBy?: string;
  isDescending?: boolean;
  variant?: TableProps.Variant;
}

const PAGE_SIZE = 25;

/** How rows are chosen: not at all, one, or several. */
function selection<T>(props: Props<T>, rows: Row<T>[]): Partial<TableProps<Row<T>>> {
  const { rowKey, selected, onSelect, selectedMany, onSelectMany } = props;
  if (!onSelect && !onSelectMany) return {};
  const keys = selectedMany ?? new Set(selected ? [selected] : []);
  return {
    selectionType: onSelectMany ? "multi" : "single",
    selectedItems: keys.size ? rows.filter(({ item }) => keys.has(rowKey(item))) : [],
    onSelectionChange: ({ detail }) => {
      const chosen = detail.selectedItems.map(({ item }) => rowKey(item));
      onSelectMany?.(new Set(chosen));
      onSelect?.(chosen[0] ?? null);
    },
  };
}

/** How many rows are chosen that the filter does not show. */
function hiddenOf<T>(props: Props<T>, all: Row<T>[], shown: readonly Row<T>[]): number {
  const chosen = props.selectedMany ?? new Set(props.selected ? [props.selected] : []);
  if (chosen.size === 0) return 0;
  const number = (rows: readonly Row<T>[]) =>
    rows.filter(({ item }) => chosen.has(props.rowKey(item))).length;
  return number(all) - number(shown);
}

function Hidden({ count }: { count: number }) {
  if (count === 0) return null;
  return <StatusIndicator type="warning">{`${count} chosen, but not shown by the filter`}</StatusIndicator>;
}

/** A table that filters, sorts and pages, over rows that change under it.
 *
 * The table keeps some of the functions that it was first given for as long as it is shown: none of those made
 * here may use what holds the rows, `props` and `query`, or the rows of that time are kept with it. */
export function ResourceTable<T>(props: Props<T>) {
  const { query, rowKey, noun } = props;
  const rows = useRows(props.columns, query.data);
  const { items, allPageItems, collectionProps, filterProps, paginationProps, filteredItemsCount, actions } =
    useCollection(rows, {
      filtering: {
        filteringFunction: (row, text) => row.text().includes(text.toLowerCase()),
        empty: <Box textAlign="center">{props.empty}</Box>,
        noMatch: (
          <SpaceBetween size="xs" alignItems="center">
            <Box>No {noun} match.</Box>
            <Button formAction="none" onClick={() => actions.setFiltering("")}>
              Clear the filter
            </Button>
          </SpaceBetween>
        ),
      },
      pagination: { pageSize: PAGE_SIZE },
      sorting: props.sortBy
        ? {
            defaultState: {
              sortingColumn: sorting(props.sortBy),
              isDescending: props.isDescending ?? false,
            },
          }
        : {},
    });
  if (query.error && !query.data) {
    return (
      <Alert type="error" header={`The ${noun} cannot be shown`}>
        {errorText(query.error)}
      </Alert>
    );
  }
  const total = query.data?.length ?? 0;
  const isFiltered = filterProps.filteringText !== "";
  return (
    <>
      <Stale noun={noun} error={query.error} />
      <Table
        {...collectionProps}
        {...(props.variant && { variant: props.variant })}
        items={items}
        trackBy={({ item }) => rowKey(item)}
        loading={query.isPending}
        loadingText={`Loading ${noun}`}
        columnDefinitions={props.columns.map(tableColumn)}
        {...selection(props, rows)}
        ariaLabels={{
          tableLabel: props.title,
          selectionGroupLabel: `Choose ${props.onSelectMany ? noun : `one of the ${noun}`}`,
          allItemsSelectionLabel: () => `Choose all ${noun} of this page`,
          itemSelectionLabel: (_data, { item }) => rowKey(item),
        }}
        enableKeyboardNavigation
        wrapLines
        header={
          <Header
            variant={props.variant === "full-page" ? "awsui-h1-sticky" : "h2"}
            counter={query.data ? `(${isFiltered ? `${filteredItemsCount}/${total}` : total})` : ""}
            actions={props.actions}
            description={props.description}
          >
            {props.title}
          </Header>
        }
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <TextFilter
              {...filterProps}
              filteringPlaceholder={`Find ${noun}`}
              filteringAriaLabel={`Find ${noun}`}
              countText={`${filteredItemsCount ?? 0} found`}
            />
            {props.filters}
            <Hidden count={hiddenOf(props, rows, allPageItems)} />
          </SpaceBetween>
        }
        {...(total > PAGE_SIZE && {
          pagination: (
            <Pagination
              {...paginationProps}
              ariaLabels={{
                nextPageLabel: "Next page",
                previousPageLabel: "Previous page",
                pageLabel: (n) => `Page ${n}`,
              }}
            />
          ),
        })}
      />
    </>
  );
}

/** A row with the values of its columns, by their ids. */
interface Row<T> {
  item: T;
  values: Record<string, Value>;
  /** What a filter looks at: made once a filter is typed. */
  text: () => string;
}

type Value = string | number | undefined;

function useRows<T>(columns: Column<T>[], items: T[] | undefined): Row<T>[] {
  const asRow = useMemo(() => rowsOf(columns), [columns]);
  return useMemo(() => (items ?? []).map(asRow), [asRow, items]);
}

/** Makes rows of items, of each item once: a list that is told a change has thousands that did not. */
function rowsOf<T>(columns: Column<T>[]): (item: T) => Row<T> {
  const made = new WeakMap<object, Row<T>>();
  return (item) => {
    const key = typeof item === "object" ? item : null;
    const known = key && made.get(key);
    if (known) return known;
    const values = Object.fromEntries(columns.map(({ id, value }) => [id, value?.(item)]));
    let text: string | undefined;
    const row = {
      item,
      values,
      text: () => {
        text ??= textOf(columns, item).toLowerCase();
        return text;
      },
    };
    if (key) made.set(key, row);
    return row;
  };
}

/** What is read in a row: texts, and numbers as their cells show them. What only sorts is not found. */
function textOf<T>(columns: Column<T>[], item: T): string {
  const texts = columns.flatMap(({ value, cell }) => {
    const [sorted, shown] = [value?.(item), value && cell(item)];
    return [typeof sorted === "string" ? sorted : "", isPlain(shown) ? shown : ""];
  });
  return texts.join("\n");
}

const isPlain = (node: ReactNode): node is string | number =>
  typeof node === "string" || typeof node === "number";

// One for all comparisons: to make it takes as long as a thousand of them.
const inOrder = new Intl.Collator(undefined, { numeric: true });

function compared(one: Value, other: Value): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return inOrder.compare(String(one ?? ""), String(other ?? ""));
}

function tableColumn<T>(column: Column<T>): TableProps.ColumnDefinition<Row<T>> {
  const { id, header, cell, value, minWidth } = column;
  return {
    id,
    header,
    cell: ({ item }) => cell(item),
    minWidth: minWidth ?? 120,
    ...(value && sorting(id)),
  };
}

type Comparator = (one: Row<unknown>, other: Row<unknown>) => number;

// Cloudscape knows the column that is sorted by by the comparator itself.
const comparators = new Map<string, Comparator>();

function sorting(id: string) {
  const known: Comparator =
    comparators.get(id) ?? ((one, other) => compared(one.values[id], other.values[id]));
  comparators.set(id, known);
  return { sortingField: id, sortingComparator: known };
}
