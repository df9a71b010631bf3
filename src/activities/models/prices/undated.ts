/** A model's name without the date or `-latest` that names one issue of it. */
export function undated(model: string): string {
  return model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '')
}
